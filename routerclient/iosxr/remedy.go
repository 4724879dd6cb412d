package iosxr

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

const policy = "<route policy>"

// Remedy adds the neighbor in IOS XR's configuration mode. A neighbor-group of the siblings brings its settings; without
// one the neighbor gets its family, and route policies unless it is known to be of the router's own AS: XR drops every
// route of an eBGP neighbor that has none.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	lines := []string{"configure", "router bgp " + remedy.LocalASN(m)}
	if vrf := remedy.VRF(m); vrf != "" {
		lines = append(lines, "vrf "+vrf)
	}
	lines = append(lines, "neighbor "+m.Peer.String())
	if m.PeerGroup == "" || m.RemoteASN != 0 {
		lines = append(lines, "remote-as "+remedy.RemoteASN(m))
	}
	if m.PeerGroup != "" {
		return remedy.New(append(lines, "use neighbor-group "+m.PeerGroup, "commit", "end"))
	}
	lines = append(lines, "address-family "+family(m)+" unicast")
	note := ""
	if m.RemoteASN == 0 || m.RemoteASN != m.LocalASN {
		lines = append(lines, "route-policy "+policy+" in", "route-policy "+policy+" out")
		note = "Replace " + policy + " by the policies that the router's other eBGP neighbors use; without policies IOS XR drops all routes."
	}
	return remedy.New(append(lines, "commit", "end"), note)
}

func family(m routerclient.Missing) string {
	if m.Peer.Is6() {
		return "ipv6"
	}
	return "ipv4"
}
