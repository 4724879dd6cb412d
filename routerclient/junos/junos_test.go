package junos_test

import (
	"testing"

	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/junos"
)

const (
	showSummary   = "show bgp summary | display xml | no-more"
	showNeighbors = "show bgp neighbor | display xml | no-more"
)

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New: junos.New,
		NotApplicable: map[string]string{
			"policy_blocked": "Junos accepts routes without a policy",
		},
		// The captures are of Junos 12.2, one routing instance each, without its name in them.
		Captures: []conformance.Capture{
			{
				Answers: captured("master"),
				Truth: conformance.Said(
					conformance.Truth{VRF: "default", Peer: "10.3.1.254", RemoteASN: 29999, Established: true},
					conformance.Truth{VRF: "default", Peer: "192.168.0.0", RemoteASN: 30000, Established: true},
					conformance.Truth{VRF: "default", Peer: "192.169.1.0", RemoteASN: 30000},
				),
			},
			{
				Answers: captured("frontend"),
				Truth: conformance.Said(
					conformance.Truth{VRF: "default", Peer: "10.2.1.253", RemoteASN: 29998, Established: true},
					conformance.Truth{VRF: "default", Peer: "10.2.1.254", RemoteASN: 29999, Established: true},
					conformance.Truth{VRF: "default", Peer: "192.168.0.0", RemoteASN: 20000, Established: true},
					conformance.Truth{VRF: "default", Peer: "192.169.1.0", RemoteASN: 20000},
					conformance.Truth{VRF: "default", Peer: "192.169.1.2", RemoteASN: 20000},
					conformance.Truth{VRF: "default", Peer: "2a01:280:100::1", RemoteASN: 20000},
				),
			},
			{Answers: captured("backend"), Truth: conformance.Said()},
		},
	})
}

func captured(instance string) map[string]string {
	return map[string]string{
		showSummary:   "junos/normal.get-bgp-summary-information" + instance + ".xml",
		showNeighbors: "junos/normal.get-bgp-neighbor-information" + instance + ".xml",
	}
}
