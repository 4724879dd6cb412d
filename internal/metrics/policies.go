package metrics

import "github.com/prometheus/client_golang/prometheus"

var guardTripped = prometheus.NewGaugeVec(prometheus.GaugeOpts{
	Name: "peergate_policy_guard_tripped",
	Help: "1 if more nodes of the policy than its maxUnpeered have lost their sessions, so that no further one is tainted; 0 if not. Leader only.",
}, []string{"policy"})

func init() { register(guardTripped) }

// PolicyGuard says whether the disruption guard of a policy has tripped.
func PolicyGuard(policy string, tripped bool) {
	value := 0.0
	if tripped {
		value = 1
	}
	guardTripped.WithLabelValues(policy).Set(value)
}

// ForgetPolicy drops the series of a policy.
func ForgetPolicy(policy string) {
	guardTripped.DeleteLabelValues(policy)
}
