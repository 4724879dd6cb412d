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
	address, iface, bound := strings.Cut(s, "%")
	addr, err = netip.ParseAddr(address)
	if err != nil || bound && iface == "" {
		return netip.Addr{}, "", fmt.Errorf("reading neighbor address %q: not an IP address", Printable(s, 64))
	}
	return addr.Unmap(), Printable(iface, maxName), nil
}
