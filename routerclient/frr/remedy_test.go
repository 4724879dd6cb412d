package frr_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/frr"
)

func TestRemedies(t *testing.T) {
	plain := routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), VRF: "default", LocalASN: 64512, RemoteASN: 64513}
	ipv6 := plain
	ipv6.Peer = netip.MustParseAddr("fd00::33")
	grouped := plain
	grouped.PeerGroup, grouped.VRF = "K8S", "red"
	unknown := routerclient.Missing{Peer: plain.Peer}

	const (
		uniFiNote = "These lines belong into the BGP configuration file that is uploaded in UniFi Network (Settings, Policy Engine or Routing, BGP); " +
			"upload it again. Typed in vtysh they would be lost at the next provisioning."
		vyOSNote  = `On VyOS 1.3 write "protocols bgp 64512" in place of "protocols bgp".`
		subnet    = "To accept all nodes of a subnet instead, once and for all: "
		anyGroup  = subnet + "bgp listen range <subnet> peer-group <peer group>."
		nvue      = subnet + "nv set vrf default router bgp dynamic-neighbor listen-range <subnet> peer-group <peer group>."
		sonicNote = "Where CONFIG_DB owns the BGP configuration (docker_routing_config_mode is not split), add the neighbor there as well, or it is lost at the next start."
	)
	for name, test := range map[string]struct{ got, want routerclient.Remedy }{
		"FRR": {frr.Remedy(plain), routerclient.Remedy{Lines: []string{
			"vtysh", "configure terminal", "router bgp 64512", "neighbor 192.168.3.33 remote-as 64513",
			"address-family ipv4 unicast", "neighbor 192.168.3.33 activate", "exit-address-family", "end", "write memory",
		}, Note: anyGroup}},
		"FRR, IPv6": {frr.Remedy(ipv6), routerclient.Remedy{Lines: []string{
			"vtysh", "configure terminal", "router bgp 64512", "neighbor fd00::33 remote-as 64513",
			"address-family ipv6 unicast", "neighbor fd00::33 activate", "exit-address-family", "end", "write memory",
		}, Note: anyGroup}},
		"FRR, siblings in a group of a VRF": {frr.Remedy(grouped), routerclient.Remedy{Lines: []string{
			"vtysh", "configure terminal", "router bgp 64512 vrf red", "neighbor 192.168.3.33 remote-as 64513",
			"neighbor 192.168.3.33 peer-group K8S", "end", "write memory",
		}, Note: subnet + "bgp listen range <subnet> peer-group K8S."}},
		"FRR, unknown ASNs": {frr.Remedy(unknown), routerclient.Remedy{
			Lines: []string{
				"vtysh", "configure terminal", "router bgp <ASN of the router>", "neighbor 192.168.3.33 remote-as <ASN of the nodes>",
				"address-family ipv4 unicast", "neighbor 192.168.3.33 activate", "exit-address-family", "end", "write memory",
			},
			Note: anyGroup + " Replace <ASN of the router> by the number. Replace <ASN of the nodes> by the number.",
		}},
		"UniFi": {frr.RemedyUniFi(plain), routerclient.Remedy{
			Lines: []string{
				"router bgp 64512", "neighbor 192.168.3.33 remote-as 64513",
				"address-family ipv4 unicast", "neighbor 192.168.3.33 activate", "exit-address-family",
			},
			Note: uniFiNote + " " + anyGroup,
		}},
		"VyOS": {frr.RemedyVyOS(plain), routerclient.Remedy{
			Lines: []string{
				"configure", "set protocols bgp neighbor 192.168.3.33 remote-as 64513",
				"set protocols bgp neighbor 192.168.3.33 address-family ipv4-unicast", "commit", "save", "exit",
			},
			Note: vyOSNote + " " + subnet + "set protocols bgp listen range <subnet> peer-group <peer group>.",
		}},
		"VyOS, siblings in a group of a VRF": {frr.RemedyVyOS(grouped), routerclient.Remedy{
			Lines: []string{"configure", "set vrf name red protocols bgp neighbor 192.168.3.33 peer-group K8S", "commit", "save", "exit"},
			Note:  vyOSNote + " " + subnet + "set vrf name red protocols bgp listen range <subnet> peer-group K8S.",
		}},
		"SONiC": {frr.RemedySONiC(plain), routerclient.Remedy{Lines: frr.Remedy(plain).Lines, Note: sonicNote + " " + anyGroup}},
		"Cumulus": {frr.RemedyCumulus(plain), routerclient.Remedy{Lines: []string{
			"nv set vrf default router bgp neighbor 192.168.3.33 remote-as 64513", "nv config apply", "nv config save",
		}, Note: nvue}},
		"Cumulus, IPv6": {frr.RemedyCumulus(ipv6), routerclient.Remedy{Lines: []string{
			"nv set vrf default router bgp neighbor fd00::33 remote-as 64513",
			"nv set vrf default router bgp neighbor fd00::33 address-family ipv6-unicast enable on", "nv config apply", "nv config save",
		}, Note: nvue}},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
