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

// dottedQuad reads an IPv4 address, as most are, and is false for anything else. [netip.ParseAddr] keeps what it is given
// for its error, so that each address of a table would be copied to the heap: a quarter of the time of EdgeOS's.
func dottedQuad(s string) (netip.Addr, bool) {
	var octets [4]byte
	for i := range octets {
		if i > 0 {
			if s == "" || s[0] != '.' {
				return netip.Addr{}, false
			}
			s = s[1:]
		}
		var ok bool
		if octets[i], s, ok = cutOctet(s); !ok {
			return netip.Addr{}, false
		}
	}
	return netip.AddrFrom4(octets), s == ""
}

// cutOctet cuts s behind the number that it begins with. It is false without any, for one above 255, and for one with
// a zero before it, which some programs take for octal.
func cutOctet(s string) (octet byte, rest string, ok bool) {
	n, digits := 0, 0
	for digits < len(s) && digits < 3 && '0' <= s[digits] && s[digits] <= '9' {
		n = 10*n + int(s[digits]-'0')
		digits++
	}
	return byte(n), s[digits:], digits > 0 && n <= 255 && (digits == 1 || s[0] != '0')
}
