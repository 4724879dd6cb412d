package frr

import (
	"fmt"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Remedy adds the neighbor in vtysh, on a router whose configuration is FRR's own.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	lines := append([]string{"vtysh", "configure terminal"}, routerLines(m)...)
	return remedy.New(append(lines, "end", "write memory"), subnet(m))
}

func subnet(m routerclient.Missing) string {
	return remedy.Subnet("bgp listen range <subnet> peer-group " + remedy.Group(m) + ".")
}

// RemedyUniFi changes the file that UniFi OS uploads to its gateway, the only configuration that lasts there.
func RemedyUniFi(m routerclient.Missing) routerclient.Remedy {
	return remedy.New(routerLines(m),
		"These lines belong into the BGP configuration file that is uploaded in UniFi Network (Settings, Policy Engine "+
			"or Routing, BGP); upload it again. Typed in vtysh they would be lost at the next provisioning.", subnet(m))
}

// RemedySONiC is FRR's remedy with a warning: which part of SONiC owns FRR's configuration depends on the installation.
func RemedySONiC(m routerclient.Missing) routerclient.Remedy {
	r := Remedy(m)
	return remedy.New(r.Lines,
		"Where CONFIG_DB owns the BGP configuration (docker_routing_config_mode is not split), add the neighbor there as well, or it is lost at the next start.", subnet(m))
}

// routerLines are the lines from "router bgp" on. A sibling's peer group brings its settings, the address families
// included; "remote-as" comes first because a group may have none. Without a group the family is activated, which FRR
// needs for IPv6, and for IPv4 under "no bgp default ipv4-unicast".
func routerLines(m routerclient.Missing) []string {
	router := "router bgp " + remedy.LocalASN(m)
	if vrf := remedy.VRF(m); vrf != "" {
		router += " vrf " + vrf
	}
	neighbor := "neighbor " + m.Peer.String()
	if m.PeerGroup != "" {
		lines := []string{router}
		if m.RemoteASN != 0 {
			lines = append(lines, neighbor+" remote-as "+remedy.RemoteASN(m))
		}
		return append(lines, neighbor+" peer-group "+m.PeerGroup)
	}
	return []string{
		router,
		neighbor + " remote-as " + remedy.RemoteASN(m),
		"address-family " + family(m) + " unicast",
		neighbor + " activate",
		"exit-address-family",
	}
}

// RemedyVyOS adds the neighbor in VyOS's configuration, in the syntax of 1.4 and later. The family's line is not
// optional: VyOS configures FRR with "no bgp default ipv4-unicast".
func RemedyVyOS(m routerclient.Missing) routerclient.Remedy {
	path := "set protocols bgp"
	if vrf := remedy.VRF(m); vrf != "" {
		path = fmt.Sprintf("set vrf name %s protocols bgp", vrf)
	}
	subnet := remedy.Subnet(path + " listen range <subnet> peer-group " + remedy.Group(m) + ".")
	path += " neighbor " + m.Peer.String()
	lines := []string{"configure"}
	if m.PeerGroup != "" {
		lines = append(lines, path+" peer-group "+m.PeerGroup)
	} else {
		lines = append(lines,
			path+" remote-as "+remedy.RemoteASN(m),
			path+" address-family "+family(m)+"-unicast")
	}
	return remedy.New(append(lines, "commit", "save", "exit"),
		fmt.Sprintf("On VyOS 1.3 write \"protocols bgp %s\" in place of \"protocols bgp\".", remedy.LocalASN(m)), subnet)
}

// RemedyCumulus adds the neighbor with NVUE, as in NVIDIA's guide to Cumulus Linux 5 ("Optional BGP Configuration").
func RemedyCumulus(m routerclient.Missing) routerclient.Remedy {
	vrf := remedy.VRF(m)
	if vrf == "" {
		vrf = routerclient.DefaultVRF
	}
	path := fmt.Sprintf("nv set vrf %s router bgp neighbor %s", vrf, m.Peer)
	lines := []string{path + " remote-as " + remedy.RemoteASN(m)}
	if m.PeerGroup != "" {
		lines = []string{path + " peer-group " + m.PeerGroup}
	} else if m.Peer.Is6() {
		lines = append(lines, path+" address-family ipv6-unicast enable on")
	}
	return remedy.New(append(lines, "nv config apply", "nv config save"), remedy.Subnet(fmt.Sprintf(
		"nv set vrf %s router bgp dynamic-neighbor listen-range <subnet> peer-group %s.", vrf, remedy.Group(m))))
}

func family(m routerclient.Missing) string {
	if m.Peer.Is6() {
		return "ipv6"
	}
	return "ipv4"
}
