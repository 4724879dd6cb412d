package nxos

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Remedy adds the neighbor in NX-OS's configuration mode. A template that siblings inherit from brings its settings;
// without one the family is activated, which NX-OS never does by itself.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	lines := []string{"configure terminal", "router bgp " + remedy.LocalASN(m)}
	if vrf := remedy.VRF(m); vrf != "" {
		lines = append(lines, "vrf "+vrf)
	}
	lines = append(lines, "neighbor "+m.Peer.String())
	if m.PeerGroup != "" {
		lines = append(lines, "inherit peer "+m.PeerGroup)
	}
	if m.PeerGroup == "" || m.RemoteASN != 0 {
		lines = append(lines, "remote-as "+remedy.RemoteASN(m))
	}
	if m.PeerGroup == "" {
		lines = append(lines, "address-family "+family(m)+" unicast")
	}
	return remedy.New(append(lines, "end", "copy running-config startup-config"),
		"To accept all nodes of a subnet instead, once and for all, give the subnet in place of the address: neighbor <subnet> remote-as "+remedy.RemoteASN(m)+".")
}

func family(m routerclient.Missing) string {
	if m.Peer.Is6() {
		return "ipv6"
	}
	return "ipv4"
}
