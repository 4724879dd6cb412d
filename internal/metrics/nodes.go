package metrics

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/peergate/peergate/internal/verdict"
)

// Nodes knows what became of the nodes. It must be safe for concurrent use.
type Nodes interface {
	// States counts the nodes by state.
	States() map[verdict.State]int
	// OldestTaint is when the taint was added to the node that has it for longest, by the state of the node.
	OldestTaint() map[verdict.State]time.Time
}

// states are those a node that Peergate looks at can be in; each has a series even at zero.
var states = []verdict.State{
	verdict.Peered, verdict.Held, verdict.Lost, verdict.Reported, verdict.Exempt, verdict.Undecided, verdict.Unselected,
}

// closed are the states in which a node keeps the taint.
var closed = []verdict.State{verdict.Held, verdict.Lost}

var (
	nodesDesc       = prometheus.NewDesc("peergate_nodes", "Nodes by state. Leader only.", []string{"state"}, nil)
	oldestTaintDesc = prometheus.NewDesc("peergate_oldest_taint_age_seconds",
		"Age of the oldest taint on a node that is held, or lost; 0 if there is none. Leader only.", []string{"state"}, nil)
)

// nodeCollector asks when it is scraped, so that it cannot drift from what it counts.
type nodeCollector struct {
	nodes Nodes
	clock clock.PassiveClock
}

// RegisterNodes registers the metrics of the nodes and their taints, once this process leads.
func RegisterNodes(nodes Nodes, clock clock.PassiveClock) error {
	return errors.Join(metrics.Registry.Register(nodeCollector{nodes: nodes, clock: clock}), registerTaints())
}

func (c nodeCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- nodesDesc
	ch <- oldestTaintDesc
}

func (c nodeCollector) Collect(ch chan<- prometheus.Metric) {
	counts, oldest := c.nodes.States(), c.nodes.OldestTaint()
	for _, s := range states {
		ch <- prometheus.MustNewConstMetric(nodesDesc, prometheus.GaugeValue, float64(counts[s]), string(s))
	}
	for _, s := range closed {
		var age time.Duration
		if since, ok := oldest[s]; ok {
			age = max(c.clock.Since(since), 0)
		}
		ch <- prometheus.MustNewConstMetric(oldestTaintDesc, prometheus.GaugeValue, age.Seconds(), string(s))
	}
}
