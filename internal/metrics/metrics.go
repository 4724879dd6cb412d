// Package metrics holds Peergate's own metrics. No label has a value per node.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

var (
	routerUp = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "peergate_router_up",
		Help: "1 if the router answered the newest poll, 0 if it did not.",
	}, []string{"router"})
	pollSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "peergate_router_poll_duration_seconds",
		Help:    "Time from question to whole answer, of the polls that were answered.",
		Buckets: []float64{.01, .03, .1, .3, 1, 3, 10},
	}, []string{"router"})
	pollFailures = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "peergate_router_poll_failures_total",
		Help: "Polls that brought no answer, by reason.",
	}, []string{"router", "reason"})
	gateSeconds = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "peergate_gate_duration_seconds",
		Help:    "Time from the taint's addition to a node until the routers' confirmation removed it.",
		Buckets: []float64{1, 3, 10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600},
	})
	taintChanges = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "peergate_taint_changes_total",
		Help: "Writes that added or removed the taint, by what was done and why.",
	}, []string{"action", "reason"})
	admissions = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "peergate_webhook_decisions_total",
		Help: "Admission decisions about Nodes, by webhook and decision.",
	}, []string{"webhook", "decision"})
)

func init() {
	metrics.Registry.MustRegister(routerUp, pollSeconds, pollFailures, gateSeconds, taintChanges, admissions)
}

// nodes is read when it is scraped, so that it cannot drift from what it counts.
type nodes struct {
	desc  *prometheus.Desc
	count func() map[verdict.State]int
}

// states are those a node that Peergate looks at can be in; each has a series even at zero.
var states = []verdict.State{
	verdict.Peered, verdict.Held, verdict.Lost, verdict.Reported, verdict.Exempt, verdict.Undecided, verdict.Unselected,
}

// RegisterNodes registers the gauge of nodes by state, which calls count at each scrape.
func RegisterNodes(count func() map[verdict.State]int) error {
	desc := prometheus.NewDesc("peergate_nodes", "Nodes by state, on the leader.", []string{"state"}, nil)
	return metrics.Registry.Register(nodes{desc: desc, count: count})
}

func (n nodes) Describe(ch chan<- *prometheus.Desc) { ch <- n.desc }

func (n nodes) Collect(ch chan<- prometheus.Metric) {
	counts := n.count()
	for _, s := range states {
		ch <- prometheus.MustNewConstMetric(n.desc, prometheus.GaugeValue, float64(counts[s]), string(s))
	}
}

// RouterAnswered counts a whole answer and the time it took.
func RouterAnswered(router string, took time.Duration) {
	routerUp.WithLabelValues(router).Set(1)
	pollSeconds.WithLabelValues(router).Observe(took.Seconds())
}

// RouterFailed counts a poll that brought no answer.
func RouterFailed(router string, reason routerclient.Reason) {
	routerUp.WithLabelValues(router).Set(0)
	pollFailures.WithLabelValues(router, string(reason)).Inc()
}

// ForgetRouter drops the series of a router.
func ForgetRouter(router string) {
	label := prometheus.Labels{"router": router}
	routerUp.DeletePartialMatch(label)
	pollSeconds.DeletePartialMatch(label)
	pollFailures.DeletePartialMatch(label)
}

// TaintChanged counts a write of the taint.
func TaintChanged(action, reason string) {
	taintChanges.WithLabelValues(action, reason).Inc()
}

// GateOpened counts how long the taint was on a node that the routers then confirmed.
func GateOpened(after time.Duration) {
	gateSeconds.Observe(after.Seconds())
}

// Admitted counts an admission decision.
func Admitted(webhook, decision string) {
	admissions.WithLabelValues(webhook, decision).Inc()
}
