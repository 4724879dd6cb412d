package frr_test

import (
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/frr"
)

func newClient(runner routerclient.Runner) routerclient.Client { return frr.New(runner, frr.Options{}) }

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New: newClient,
		Captures: []conformance.Capture{{
			Answers: map[string]string{
				`vtysh -c "show bgp vrf all summary json"`: "frr/show_bgp_vrf_all_ipv4_summary.json",
			},
			Truth: conformance.Said(
				conformance.Truth{VRF: "default", Peer: "192.168.0.2", RemoteASN: 64513, Established: true},
				conformance.Truth{VRF: "default", Peer: "192.168.0.3", RemoteASN: 64514},
				conformance.Truth{VRF: "default", Peer: "192.168.0.4", RemoteASN: 64515},
				conformance.Truth{VRF: "red", Peer: "192.168.1.2", RemoteASN: 64613, Established: true},
				conformance.Truth{VRF: "red", Peer: "192.168.1.3", RemoteASN: 64614},
			),
		}},
	})
}
