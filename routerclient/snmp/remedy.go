package snmp

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Remedy says what to add, in no platform's language: SNMP does not tell which one it is.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	line := "add BGP neighbor " + m.Peer.String() + " with remote AS " + remedy.RemoteASN(m) + " to local AS " + remedy.LocalASN(m)
	if vrf := remedy.VRF(m); vrf != "" {
		line += " in VRF " + vrf
	}
	return remedy.New([]string{line}, "Say this in the router's own language: a router that is read over SNMP may be of any make.")
}
