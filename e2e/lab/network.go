package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
)

const (
	bridge = "br0"
	// fabric and management are a host's interfaces on the lab's network and on the link to the machine.
	fabric     = "eth0"
	management = "mgmt"
)

// plug connects a host to the lab's bridge.
func (l *Lab) plug(h *Host, addrs []netip.Prefix) error {
	ctx := l.t.Context()
	port := "to-" + h.name
	err := errors.Join(
		l.lan.run(ctx, "ip", "link", "add", port, "type", "veth", "peer", "name", fabric, "netns", h.pid()),
		l.lan.run(ctx, "ip", "link", "set", port, "master", bridge, "up"),
		h.run(ctx, "ip", "link", "set", fabric, "up"),
	)
	for _, addr := range addrs {
		err = errors.Join(err, h.addAddress(ctx, fabric, addr))
	}
	return err
}

func (h *Host) addAddress(ctx context.Context, iface string, addr netip.Prefix) error {
	args := []string{"ip", "address", "add", addr.String(), "dev", iface}
	if addr.Addr().Is6() {
		// A daemon cannot bind to an address whose uniqueness is still being checked.
		args = append(args, "nodad")
	}
	return h.run(ctx, args...)
}

// uplink is the link between the machine and one host, on which each end has one address of a /31 (RFC 3021).
type uplink struct {
	iface     string
	near, far netip.Prefix
	// reserved keeps other labs from taking the link.
	reserved net.Listener
}

// benchmarkRange (RFC 2544) is where uplinks are taken from: no real network uses it.
var benchmarkRange = netip.MustParsePrefix("198.18.0.0/15")

// connect gives a host a link to the machine, and returns the host's address on it. The kernel removes the link when
// the host ends.
func (l *Lab) connect(h *Host) (netip.Addr, error) {
	ctx := l.t.Context()
	up, err := reserveUplink()
	if err != nil {
		return netip.Addr{}, err
	}
	l.uplinks = append(l.uplinks, up)
	err = errors.Join(
		ip(ctx, "link", "add", up.iface, "type", "veth", "peer", "name", management, "netns", h.pid()),
		h.addAddress(ctx, management, up.far),
		h.run(ctx, "ip", "link", "set", management, "up"),
		ip(ctx, "address", "add", up.near.String(), "dev", up.iface),
		ip(ctx, "link", "set", up.iface, "up"),
	)
	return up.far.Addr(), err
}

// reserveUplink picks a link that neither another lab nor the machine itself uses. Reservations are sockets in the
// abstract namespace, so that the kernel gives them back when the test process ends.
func reserveUplink() (uplink, error) {
	used, err := net.InterfaceAddrs()
	if err != nil {
		return uplink{}, err
	}
	first := binary.BigEndian.Uint32(benchmarkRange.Addr().AsSlice())
	for n := range uint32(1) << (31 - benchmarkRange.Bits()) {
		near, far := netip.PrefixFrom(ipv4(first+2*n), 31), netip.PrefixFrom(ipv4(first+2*n+1), 31)
		if overlapsAny(near, used) {
			continue
		}
		reserved, err := net.Listen("unix", "@peergate-lab-"+near.Addr().String())
		if err != nil {
			continue
		}
		return uplink{iface: fmt.Sprintf("pg%04x", n), near: near, far: far, reserved: reserved}, nil
	}
	return uplink{}, fmt.Errorf("reserving a management link: none free in %s", benchmarkRange)
}

func ipv4(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, n)))
}

func overlapsAny(p netip.Prefix, addrs []net.Addr) bool {
	for _, a := range addrs {
		if other, err := netip.ParsePrefix(a.String()); err == nil && p.Overlaps(other) {
			return true
		}
	}
	return false
}

// ip configures the machine's own network.
func ip(ctx context.Context, args ...string) error {
	if out, err := exec.CommandContext(ctx, "ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("running ip %q: %w: %s", args, err, out)
	}
	return nil
}
