package bgptext

import (
	"fmt"
	"net/netip"
	"strings"
)

// Peer reads a neighbor's address. The zone of an address that is bound to an interface comes back as the interface: of a
// link-local one ("fe80::1%eth0"), and of any other, as BIRD and RouterOS print it ("192.0.2.1%eth0"). An IPv4-mapped
// address comes back as the IPv4 address it is.
func Peer(s string) (addr netip.Addr, iface string, err error) {
	if addr, ok := dottedQuad(s); ok {
		return addr, "", nil
	}
	address, zone, bound := strings.Cut(s, "%")
	addr, ok := Addr(address)
	if !ok || bound && zone == "" {
		return netip.Addr{}, "", fmt.Errorf("reading neighbor address %q: not an IP address", Printable(s, 64))
	}
	return addr.Unmap(), Printable(zone, maxName), nil
}

// Addr reads an address as [netip.ParseAddr] does. It does not keep s, so that a caller that has bytes need not have them
// copied to the heap.
func Addr(s string) (netip.Addr, bool) {
	if addr, ok := dottedQuad(s); ok {
		return addr, true
	}
	addr, err := netip.ParseAddr(strings.Clone(s))
	return addr, err == nil
}

// dottedQuad reads an IPv4 address, as most are, and is false for anything else.
func dottedQuad(s string) (netip.Addr, bool) {
	var octets [4]byte
	for i := range octets {
		octet, rest, dotted := strings.Cut(s, ".")
		n, isNumber := Uint(octet)
		if dotted != (i < 3) || !isNumber || n > 255 || len(octet) > 1 && octet[0] == '0' {
			return netip.Addr{}, false
		}
		octets[i], s = byte(n), rest
	}
	return netip.AddrFrom4(octets), true
}
