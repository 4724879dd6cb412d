package metrics

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/peergate/peergate/internal/verdict"
)

// TaintAction is what was done to the taint of a node.
type TaintAction string

// The taint of a node is added or removed; its effect never changes.
const (
	TaintAdded   TaintAction = "added"
	TaintRemoved TaintAction = "removed"
)

var (
	gateSeconds = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "peergate_gate_duration_seconds",
		Help:    "Time from the taint's addition to a node until the routers' confirmation removed it. Leader only.",
		Buckets: []float64{1, 3, 10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600},
	})
	taintChanges = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "peergate_taint_changes_total",
		Help: "Writes of the controller that added or removed the taint, by the reason that is in condition BGPPeered too. Leader only.",
	}, []string{"action", "reason"})
)

// usual are the changes that have a series before there was one. A counter that first appears with its first event hides
// that event from rate and increase, and in a small cluster it is the only one for weeks.
var usual = map[TaintAction][]verdict.Reason{
	TaintAdded: {
		verdict.ReasonSessionDown, verdict.ReasonAdministrativelyDown, verdict.ReasonNotConnected,
		verdict.ReasonNeighborNotConfigured, verdict.ReasonFamilyNotNegotiated, verdict.ReasonNotAskedYet,
	},
	TaintRemoved: {verdict.ReasonSessionEstablished, verdict.ReasonExempt, verdict.ReasonNotSelected},
}

func registerTaints() error {
	for action, reasons := range usual {
		for _, reason := range reasons {
			taintChanges.WithLabelValues(string(action), string(reason))
		}
	}
	return errors.Join(metrics.Registry.Register(gateSeconds), metrics.Registry.Register(taintChanges))
}

// TaintChanged counts a write of the taint. reason is one of package verdict or routerclient.
func TaintChanged(action TaintAction, reason string) {
	taintChanges.WithLabelValues(string(action), reason).Inc()
}

// GateOpened counts how long the taint was on a node that the routers then confirmed.
func GateOpened(after time.Duration) {
	gateSeconds.Observe(after.Seconds())
}
