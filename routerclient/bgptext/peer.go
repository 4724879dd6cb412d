package bgptext

import (
	"fmt"
	"net/netip"
)

// Peer reads a neighbor's address. The zone of a link-local address ("fe80::1%eth0") comes back as the interface, and
// an IPv4-mapped address as the IPv4 address it is.
func Peer(s string) (addr netip.Addr, iface string, err error) {
	addr, err = netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}, "", fmt.Errorf("reading neighbor address %q: not an IP address", Printable(s, 64))
	}
	return addr.WithZone("").Unmap(), addr.Zone(), nil
}
