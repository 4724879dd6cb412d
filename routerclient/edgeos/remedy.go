package edgeos

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Remedy adds the neighbor in EdgeOS's configuration. A sibling's peer group brings its AS number with it. That an IPv6
// neighbor needs the address-family line is Vyatta's rule, not verified on EdgeOS hardware.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	neighbor := "set protocols bgp " + remedy.LocalASN(m) + " neighbor " + m.Peer.String()
	lines := []string{"configure"}
	if m.PeerGroup != "" {
		lines = append(lines, neighbor+" peer-group "+m.PeerGroup)
	} else {
		lines = append(lines, neighbor+" remote-as "+remedy.RemoteASN(m))
	}
	if m.Peer.Is6() {
		lines = append(lines, neighbor+" address-family ipv6-unicast")
	}
	return remedy.New(append(lines, "commit", "save", "exit"))
}
