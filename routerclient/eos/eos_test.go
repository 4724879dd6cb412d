package eos_test

import (
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/eos"
)

const (
	showIPv4 = "show ip bgp summary vrf all | json"
	showIPv6 = "show ipv6 bgp summary vrf all | json"
)

func newClient(runner routerclient.Runner) routerclient.Client {
	return eos.New(runner, eos.Options{})
}

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New: newClient,
		NotApplicable: map[string]string{
			"not_running":    "what EOS prints while its BGP agent is down is not known",
			"dynamic":        "EOS shows listen ranges in text only, without a count",
			"policy_blocked": "EOS's summary does not tell a session without a policy from others",
		},
		Captures: []conformance.Capture{
			{
				Answers: map[string]string{
					showIPv4: "eos/normal.show_ip_bgp_summary_vrf_all.json",
					showIPv6: "eos/normal.show_ipv6_bgp_summary_vrf_all.json",
					// The long forms of all neighbors, which hold the one that is asked for.
					"show ip bgp neighbors 10.0.0.1 vrf default | json": "eos/normal.show_ip_bgp_neighbors_vrf_all.json",
					"show ip bgp neighbors 10.0.0.3 vrf default | json": "eos/normal.show_ip_bgp_neighbors_vrf_all.json",
				},
				Truth: conformance.Said(
					conformance.Truth{VRF: "default", Peer: "10.0.0.1", RemoteASN: 65002, Established: true},
					conformance.Truth{VRF: "default", Peer: "10.0.0.3", RemoteASN: 65003},
					conformance.Truth{VRF: "default", Peer: "2001:fb8:100::2", RemoteASN: 65002, Established: true},
					conformance.Truth{VRF: "default", Peer: "2001:fb8:200::2", RemoteASN: 65003, Established: true},
				),
			},
			{
				Answers: map[string]string{
					showIPv4: "eos/nopeers.show_ip_bgp_summary_vrf_all.json",
					showIPv6: "eos/nopeers.show_ipv6_bgp_summary_vrf_all.json",
				},
				Truth: conformance.Said(),
			},
		},
	})
}
