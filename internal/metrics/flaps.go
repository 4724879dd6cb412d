package metrics

import "github.com/prometheus/client_golang/prometheus"

var sessionLosses = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "peergate_router_session_losses_total",
	Help: "BGP sessions that were Established at one poll and had ended by the next, come up again or not. Leader only.",
}, []string{"router"})

func init() { register(sessionLosses) }

// SessionsLost counts sessions of a router that have ended.
func SessionsLost(router string, sessions int) {
	sessionLosses.WithLabelValues(router).Add(float64(sessions))
}
