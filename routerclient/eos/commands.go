package eos

import (
	"strings"

	"github.com/peergate/peergate/routerclient"
)

// summaries are the commands of every poll. EOS does not page without a terminal.
var summaries = []struct {
	command string
	afi     routerclient.AFI
}{
	{"show ip bgp summary vrf all | json", routerclient.IPv4},
	{"show ipv6 bgp summary vrf all | json", routerclient.IPv6},
}

// showFamilies has a line a neighbor and address family.
const showFamilies = "show bgp summary vrf all | json"

// showNeighbor asks for the long form of one neighbor. The command has another name for IPv6 neighbors.
func showNeighbor(n *neighbor) string {
	command := "show ip bgp neighbors "
	if n.session.Peer.Is6() {
		command = "show ipv6 bgp peers "
	}
	return command + n.session.Peer.String() + " vrf " + n.session.VRF + " | json"
}

// canBeAsked is false for neighbors that a command cannot name safely: a VRF is a word of the command line, and how a
// link-local address is written there is not known.
func (n *neighbor) canBeAsked() bool {
	return n.session.Interface == "" && !strings.ContainsFunc(n.session.VRF, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`|?"'<>;!`, r)
	})
}
