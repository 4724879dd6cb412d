package nxos_test

import (
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/nxos"
)

const showSummary = "show bgp all summary vrf all | json"

func newClient(runner routerclient.Runner) routerclient.Client {
	return nxos.New(runner, nxos.Options{})
}

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New: newClient,
		NotApplicable: map[string]string{
			"policy_blocked": "NX-OS accepts routes without a policy",
		},
		Captures: []conformance.Capture{{
			Answers: map[string]string{showSummary: "nxos/normal.show_bgp_all_summary_vrf_all.json"},
			Truth: conformance.Said(
				up("RED-PRE-PROD", "10.1.1.177", 64862), up("RED-PRE-PROD", "10.1.1.179", 64862),
				up("RED-PROD", "10.1.1.169", 64862), up("RED-PROD", "10.1.1.171", 64862),
				up("MGMT", "10.1.1.225", 64862), up("MGMT", "10.1.1.227", 64862),
				up("NON_PROD", "10.1.1.161", 64862), up("NON_PROD", "10.1.1.163", 64862),
				up("PROD", "10.1.1.153", 64862), up("PROD", "10.1.1.155", 64862),
				up("BLUE", "10.1.1.185", 64862), up("BLUE", "10.1.1.187", 64862),
				up("default", "10.1.1.134", 64861), up("default", "10.1.1.135", 64861),
			),
		}},
	})
}

func up(vrf, peer string, asn uint32) conformance.Truth {
	return conformance.Truth{VRF: vrf, Peer: peer, RemoteASN: asn, Established: true}
}
