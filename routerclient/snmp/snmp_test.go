package snmp_test

import (
	"testing"

	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/snmp"
)

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New: snmp.New,
		NotApplicable: map[string]string{
			"dynamic":           "SNMP shows no listen ranges",
			"policy_blocked":    "SNMP shows no policies",
			"permission_denied": "a user that may read nothing is an error of the transport; one whose view leaves BGP out is in nobgp",
			"banner":            "there is nothing before an answer",
		},
	})
}
