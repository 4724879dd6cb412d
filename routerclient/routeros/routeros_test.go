package routeros_test

import (
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/routeros"
)

func overREST(runner routerclient.Runner) routerclient.Client {
	return routeros.New(runner, routeros.Options{Transport: routeros.REST})
}

func overSSH(runner routerclient.Runner) routerclient.Client {
	return routeros.New(runner, routeros.Options{Transport: routeros.SSH})
}

const (
	alwaysThere = "BGP is a part of RouterOS' routing and cannot be stopped by itself"
	noPolicy    = "RouterOS accepts routes without a policy, and counts those that a filter refuses"
	noStates    = "RouterOS 7 shows no state but established"
)

func TestConformanceREST(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New:      overREST,
		Testdata: "testdata/rest",
		NotApplicable: map[string]string{
			"not_running": alwaysThere, "policy_blocked": noPolicy, "states": noStates,
			"banner": "an HTTP answer has nothing before it",
		},
	})
}

func TestConformanceSSH7(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New:           overSSH,
		Testdata:      "testdata/ssh7",
		NotApplicable: map[string]string{"not_running": alwaysThere, "policy_blocked": noPolicy, "states": noStates},
	})
}

func TestConformanceSSH6(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New:      overSSH,
		Testdata: "testdata/ssh6",
		NotApplicable: map[string]string{
			"not_running": alwaysThere, "policy_blocked": noPolicy,
			"dynamic": "RouterOS 6 has no listen ranges",
		},
	})
}
