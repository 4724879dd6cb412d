package srlinux

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// newGroup is the name of the peer group that a remedy makes where the siblings' group is not known: SR Linux has no
// neighbors outside of groups.
const newGroup = "kubernetes-nodes"

// Remedy adds the neighbor to the peer group of its siblings, which brings the address families with it. The AS number
// is repeated because a group may have none.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	vrf := remedy.VRF(m)
	if vrf == "" {
		vrf = routerclient.DefaultVRF
	}
	bgp := "set / network-instance " + vrf + " protocols bgp "
	lines := []string{"enter candidate"}
	group, note := m.PeerGroup, ""
	if group == "" {
		group = newGroup
		lines = append(lines, bgp+"group "+group+" afi-safi "+family(m)+" admin-state enable")
		note = "Give group " + group + " policies: without one SR Linux takes no routes from an external neighbor."
	}
	neighbor := bgp + "neighbor " + m.Peer.String()
	lines = append(lines, neighbor+" peer-group "+group)
	if m.PeerGroup == "" || m.RemoteASN != 0 {
		lines = append(lines, neighbor+" peer-as "+remedy.RemoteASN(m))
	}
	return remedy.New(append(lines, "commit stay save"), note,
		remedy.Subnet(bgp+"dynamic-neighbors accept match <subnet> peer-group "+group+" allowed-peer-as [ "+remedy.RemoteASN(m)+" ]."))
}

func family(m routerclient.Missing) string {
	if m.Peer.Is6() {
		return "ipv6-unicast"
	}
	return "ipv4-unicast"
}
