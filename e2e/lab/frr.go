package lab

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

//go:embed bgp-ro.sh
var frrForcedCommand []byte

// FRR is FRRouting's zebra and bgpd, run as Debian installs them.
type FRR struct {
	// BMP loads bgpd's module for the BGP Monitoring Protocol.
	BMP bool
}

var _ Daemon = FRR{}

const (
	frrDir  = "/etc/frr"
	frrRun  = "/run/frr"
	frrUser = "frr"
	zebra   = "/usr/lib/frr/zebra"
	bgpd    = "/usr/lib/frr/bgpd"
)

// Requires implements Daemon.
func (FRR) Requires() []string { return []string{zebra, bgpd, "vtysh"} }

// ConfigDir implements Daemon.
func (FRR) ConfigDir() string { return frrDir }

// Access implements Daemon. Members of frrvty may also configure: only the forced command makes the account read-only.
func (FRR) Access() Access { return Access{Group: "frrvty", ForcedCommand: frrForcedCommand} }

// Configure implements Daemon.
func (d FRR) Configure(h *Host, c BGP) error {
	owner, err := lookupAccount(frrUser)
	if err != nil {
		return err
	}
	return errors.Join(
		h.writeFile(frrDir+"/vtysh.conf", []byte("service integrated-vtysh-config\n"), 0o640, owner),
		h.writeFile(frrDir+"/frr.conf", frrConfig(c), 0o640, owner),
		h.writeFile(frrDir+"/daemons", d.daemons(c), 0o640, owner),
	)
}

// daemons is the file in which Debian keeps the daemons' arguments.
func (d FRR) daemons(c BGP) []byte {
	bgpd := "-A 127.0.0.1"
	if c.ActiveOnly {
		bgpd += " -p 0"
	}
	if d.BMP {
		bgpd += " -M bmp"
	}
	return fmt.Appendf(nil, "zebra_options=\"-A 127.0.0.1\"\nbgpd_options=%q\n", bgpd)
}

// Start implements Daemon. zebra comes first, because bgpd waits long before it looks for zebra again.
func (d FRR) Start(ctx context.Context, h *Host) error {
	if h.running("zebra") && h.running("bgpd") {
		return nil
	}
	if err := h.run(ctx, "install", "-d", "-o", frrUser, "-g", frrUser, frrRun); err != nil {
		return err
	}
	for _, program := range []string{zebra, bgpd} {
		if err := d.startProgram(ctx, h, program); err != nil {
			return err
		}
	}
	return h.run(ctx, "vtysh", "-b")
}

func (FRR) startProgram(ctx context.Context, h *Host, program string) error {
	name := filepath.Base(program)
	if h.running(name) {
		return nil
	}
	script := fmt.Sprintf(". %s/daemons; exec %s $%s_options --log stdout", frrDir, program, name)
	if err := h.start(name, "sh", "-c", script); err != nil {
		return err
	}
	return poll(ctx, "starting "+name+" on "+h.name, func() error {
		return h.run(ctx, "vtysh", "-d", name, "-c", "show version")
	})
}

// Stop implements Daemon.
func (FRR) Stop(ctx context.Context, h *Host) error {
	return errors.Join(h.signal(ctx, "bgpd", syscall.SIGTERM), h.signal(ctx, "zebra", syscall.SIGTERM))
}

// KillBGP implements Daemon.
func (FRR) KillBGP(ctx context.Context, h *Host) error { return h.signal(ctx, "bgpd", syscall.SIGKILL) }

// Type implements Daemon.
func (FRR) Type(ctx context.Context, h *Host, lines ...string) (string, error) {
	argv := []string{"vtysh"}
	for _, line := range lines {
		argv = append(argv, "-c", line)
	}
	return h.Exec(ctx, argv...)
}

// SetShutdown implements Daemon.
func (d FRR) SetShutdown(ctx context.Context, h *Host, asn uint32, peer netip.Addr, shutdown bool) error {
	line := fmt.Sprintf("neighbor %s shutdown", peer)
	if !shutdown {
		line = "no " + line
	}
	_, err := d.Type(ctx, h, "configure terminal", fmt.Sprintf("router bgp %d", asn), line)
	return err
}

// Sessions implements Daemon. Neighbors without an address (unnumbered) are left out.
func (d FRR) Sessions(ctx context.Context, h *Host) ([]Session, error) {
	answer, err := d.Type(ctx, h, "show bgp vrf all summary json")
	if err != nil {
		return nil, err
	}
	var vrfs map[string]map[string]struct {
		Peers map[string]struct{ State string }
	}
	if err := json.Unmarshal([]byte(answer), &vrfs); err != nil {
		return nil, fmt.Errorf("reading sessions on %s: %w", h.name, err)
	}
	var sessions []Session
	for vrf, families := range vrfs {
		for _, family := range families {
			for key, peer := range family.Peers {
				if addr, err := netip.ParseAddr(key); err == nil {
					sessions = append(sessions, frrSession(vrf, addr, peer.State))
				}
			}
		}
	}
	slices.SortFunc(sessions, compareSessions)
	// A neighbor appears once for each address family, in the same state.
	return slices.Compact(sessions), nil
}

func frrSession(vrf string, peer netip.Addr, state string) Session {
	state, admin := strings.CutSuffix(state, " (Admin)")
	return Session{VRF: vrf, Peer: peer, State: state, AdminDown: admin}
}
