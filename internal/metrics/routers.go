package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/peergate/peergate/routerclient"
)

var (
	routerUp = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "peergate_router_up",
		Help: "1 if the router answered the newest poll, 0 if it did not. Leader only.",
	}, []string{"router"})
	pollSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "peergate_router_poll_duration_seconds",
		Help:    "Time from question to whole answer, of the polls that were answered. Leader only.",
		Buckets: []float64{.01, .03, .1, .3, 1, 3, 10},
	}, []string{"router"})
	pollFailures = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "peergate_router_poll_failures_total",
		Help: "Polls that brought no answer, by the reason that is in condition Reachable too. Leader only.",
	}, []string{"router", "reason"})
)

func init() { register(routerUp, pollSeconds, pollFailures) }

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
	sessionLosses.DeletePartialMatch(label)
}
