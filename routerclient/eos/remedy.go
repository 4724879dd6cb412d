package eos

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Remedy adds the neighbor in EOS's configuration mode. A sibling's peer group brings its settings, the address
// families included; "remote-as" comes first because a group may have none. Without a group the family is activated,
// which EOS needs for IPv6, and for IPv4 under "no bgp default ipv4-unicast".
func Remedy(m routerclient.Missing) routerclient.Remedy {
	lines := []string{"configure", "router bgp " + remedy.LocalASN(m)}
	if vrf := remedy.VRF(m); vrf != "" {
		lines = append(lines, "vrf "+vrf)
	}
	neighbor := "neighbor " + m.Peer.String()
	group := m.PeerGroup
	if group == "" {
		group = "<peer group>"
		lines = append(lines, neighbor+" remote-as "+remedy.RemoteASN(m), "address-family "+family(m), neighbor+" activate")
	} else {
		if m.RemoteASN != 0 {
			lines = append(lines, neighbor+" remote-as "+remedy.RemoteASN(m))
		}
		lines = append(lines, neighbor+" peer group "+group)
	}
	return remedy.New(append(lines, "end", "write memory"),
		"To accept all nodes of a subnet instead, once and for all: bgp listen range <subnet> peer-group "+group+" remote-as "+remedy.RemoteASN(m)+".")
}

func family(m routerclient.Missing) string {
	if m.Peer.Is6() {
		return "ipv6"
	}
	return "ipv4"
}
