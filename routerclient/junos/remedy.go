package junos

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// newGroup is the name of the group that a remedy makes where the siblings' group is not known: Junos has no neighbors
// outside of groups.
const newGroup = "kubernetes-nodes"

// Remedy adds the neighbor to the group of its siblings. Junos takes a session's address family from the neighbor's
// address, so there is no line for it.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	protocols := "set protocols bgp group "
	if vrf := remedy.VRF(m); vrf != "" {
		protocols = "set routing-instances " + vrf + " protocols bgp group "
	}
	lines := []string{"configure"}
	group := protocols + m.PeerGroup
	if m.PeerGroup == "" {
		group = protocols + newGroup
		lines = append(lines, group+" type "+groupType(m))
	}
	neighbor := group + " neighbor " + m.Peer.String()
	if groupType(m) == "external" && (m.PeerGroup == "" || m.RemoteASN != 0) {
		neighbor += " peer-as " + remedy.RemoteASN(m)
	}
	return remedy.New(append(lines, neighbor, "commit and-quit"), subnet(group, m))
}

// subnet is Junos' alternative, which it refuses to a group with authentication. Nodes of another AS need its number in
// the group, where a neighbor of its own can have it.
func subnet(group string, m routerclient.Missing) string {
	line := group + " allow <subnet>"
	if groupType(m) == "external" {
		line += ", and, if the group has no peer-as: " + group + " peer-as " + remedy.RemoteASN(m)
	}
	return remedy.Subnet(line + ". Junos takes this only in a group without authentication-key.")
}

func groupType(m routerclient.Missing) string {
	if m.RemoteASN != 0 && m.RemoteASN == m.LocalASN {
		return "internal"
	}
	return "external"
}
