package metrics_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

func TestMetrics(t *testing.T) {
	if err := metrics.RegisterNodes(func() map[verdict.State]int { return map[verdict.State]int{verdict.Held: 2} }); err != nil {
		t.Fatal(err)
	}
	metrics.RouterAnswered("edge", time.Second)
	metrics.RouterFailed("core", routerclient.ReasonTimeout)
	metrics.RouterFailed("gone", routerclient.ReasonTimeout)
	metrics.ForgetRouter("gone")
	metrics.TaintChanged("removed", "SessionEstablished")
	metrics.GateOpened(time.Minute)
	metrics.Admitted("node-guard", "refused")

	const want = `
# HELP peergate_nodes Nodes by state, on the leader.
# TYPE peergate_nodes gauge
peergate_nodes{state="exempt"} 0
peergate_nodes{state="held"} 2
peergate_nodes{state="lost"} 0
peergate_nodes{state="peered"} 0
peergate_nodes{state="reported"} 0
peergate_nodes{state="unknown"} 0
peergate_nodes{state="unselected"} 0
# HELP peergate_router_poll_failures_total Polls that brought no answer, by reason.
# TYPE peergate_router_poll_failures_total counter
peergate_router_poll_failures_total{reason="RouterTimeout",router="core"} 1
# HELP peergate_router_up 1 if the router answered the newest poll, 0 if it did not.
# TYPE peergate_router_up gauge
peergate_router_up{router="core"} 0
peergate_router_up{router="edge"} 1
`
	names := []string{"peergate_nodes", "peergate_router_up", "peergate_router_poll_failures_total"}
	if err := testutil.GatherAndCompare(ctrlmetrics.Registry, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
	problems, err := testutil.GatherAndLint(ctrlmetrics.Registry, append(names,
		"peergate_router_poll_duration_seconds", "peergate_gate_duration_seconds", "peergate_taint_changes_total",
		"peergate_webhook_decisions_total")...)
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
}
