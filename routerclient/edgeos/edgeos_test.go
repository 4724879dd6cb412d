package edgeos_test

import (
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/edgeos"
)

const (
	showIPv4 = "/opt/vyatta/bin/vyatta-op-cmd-wrapper show ip bgp summary"
	showIPv6 = "/opt/vyatta/bin/vyatta-op-cmd-wrapper show bgp ipv6 summary"
)

func newClient(runner routerclient.Runner) routerclient.Client {
	return edgeos.New(runner, edgeos.Options{})
}

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New: newClient,
		NotApplicable: map[string]string{
			"not_running":    "what EdgeOS prints then is not known; without output it reads as nobgp",
			"vrf":            "EdgeOS has no VRFs",
			"dynamic":        "EdgeOS has no listen ranges",
			"policy_blocked": "ZebOS accepts routes without a policy",
		},
		Captures: []conformance.Capture{
			{
				Answers: map[string]string{showIPv4: "edgeos/show_ip_bgp_summary.txt", showIPv6: ""},
				Truth: conformance.Said(
					conformance.Truth{VRF: "default", Peer: "10.5.100.11", RemoteASN: 65000, Established: true},
					conformance.Truth{VRF: "default", Peer: "10.5.100.12", RemoteASN: 65000, Established: true},
					conformance.Truth{VRF: "default", Peer: "10.5.100.13", RemoteASN: 65000, Established: true},
				),
			},
			{ // VyOS's FRR prints the table of the same ancestry.
				Answers: map[string]string{showIPv4: "vyos/show_ip_bgp_summary.txt", showIPv6: ""},
				Truth:   conformance.TextFSMTruth("vyos/show_ip_bgp_summary.truth.yml"),
			},
		},
	})
}
