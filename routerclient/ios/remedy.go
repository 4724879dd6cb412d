package ios

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Remedy adds the neighbor in IOS's configuration mode. It is activated even in a peer group: IOS activates no IPv6
// neighbor by itself, and no IPv4 one under "no bgp default ipv4-unicast". In a VRF all of it belongs to the address
// family.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	addressFamily := "address-family " + family(m)
	neighbor := "neighbor " + m.Peer.String()
	var definition []string
	group := m.PeerGroup
	if group == "" || m.RemoteASN != 0 {
		definition = append(definition, neighbor+" remote-as "+remedy.RemoteASN(m))
	}
	if group != "" {
		definition = append(definition, neighbor+" peer-group "+group)
	} else {
		group = "<peer group>"
	}
	lines := []string{"configure terminal", "router bgp " + remedy.LocalASN(m)}
	if vrf := remedy.VRF(m); vrf != "" {
		lines = append(append(lines, addressFamily+" vrf "+vrf), definition...)
	} else {
		lines = append(append(lines, definition...), addressFamily)
	}
	return remedy.New(append(lines, neighbor+" activate", "end", "write memory"),
		"To accept all nodes of a subnet instead, once and for all: bgp listen range <subnet> peer-group "+group+
			", with the peer group's remote-as set.")
}

func family(m routerclient.Missing) string {
	if m.Peer.Is6() {
		return "ipv6"
	}
	return "ipv4"
}
