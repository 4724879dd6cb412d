package iosxr_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/iosxr"
)

const (
	showProcess = "show bgp process detail"
	wantedLines = ` | include "BGP neighbor is|Remote AS|Remote router ID|BGP state|dministratively shut|defaults to|` +
		`Address family|For Address Family|accepted prefixes|Connections established|Last reset"`
	showNeighbors    = "show bgp neighbors" + wantedLines
	showVRFNeighbors = "show bgp vrf all neighbors" + wantedLines
)

func newClient(runner routerclient.Runner) routerclient.Client {
	return iosxr.New(runner, iosxr.Options{})
}

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New: newClient,
		NotApplicable: map[string]string{
			"not_running": "a BGP process that is down answers as one that is not configured",
			"dynamic":     "how IOS XR shows the ranges of dynamic neighbors is not known",
		},
	})
}

func TestRemedy(t *testing.T) {
	plain := routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), VRF: "default", LocalASN: 64512, RemoteASN: 64513}
	internal, ipv6, grouped := plain, plain, plain
	internal.RemoteASN = 64512
	ipv6.Peer = netip.MustParseAddr("fd00::33")
	grouped.PeerGroup, grouped.VRF = "K8S", "red"
	unknown := routerclient.Missing{Peer: plain.Peer}
	const note = "Replace <route policy> by the policies that the router's other eBGP neighbors use; without policies IOS XR drops all routes."
	for name, test := range map[string]struct {
		missing routerclient.Missing
		want    routerclient.Remedy
	}{
		"eBGP": {plain, routerclient.Remedy{
			Lines: []string{
				"configure", "router bgp 64512", "neighbor 192.168.3.33", "remote-as 64513", "address-family ipv4 unicast",
				"route-policy <route policy> in", "route-policy <route policy> out", "commit", "end",
			},
			Note: note,
		}},
		"iBGP": {internal, routerclient.Remedy{Lines: []string{
			"configure", "router bgp 64512", "neighbor 192.168.3.33", "remote-as 64512", "address-family ipv4 unicast", "commit", "end",
		}}},
		"IPv6": {ipv6, routerclient.Remedy{
			Lines: []string{
				"configure", "router bgp 64512", "neighbor fd00::33", "remote-as 64513", "address-family ipv6 unicast",
				"route-policy <route policy> in", "route-policy <route policy> out", "commit", "end",
			},
			Note: note,
		}},
		"siblings in a group of a VRF": {grouped, routerclient.Remedy{Lines: []string{
			"configure", "router bgp 64512", "vrf red", "neighbor 192.168.3.33", "remote-as 64513", "use neighbor-group K8S", "commit", "end",
		}}},
		"unknown ASNs": {unknown, routerclient.Remedy{
			Lines: []string{
				"configure", "router bgp <ASN of the router>", "neighbor 192.168.3.33", "remote-as <ASN of the nodes>",
				"address-family ipv4 unicast", "route-policy <route policy> in", "route-policy <route policy> out", "commit", "end",
			},
			Note: note + " Replace <ASN of the router> by the number. Replace <ASN of the nodes> by the number.",
		}},
	} {
		if diff := cmp.Diff(test.want, iosxr.Remedy(test.missing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
