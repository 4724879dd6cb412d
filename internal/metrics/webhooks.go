package metrics

import "github.com/prometheus/client_golang/prometheus"

// Decision is what a webhook decided about a Node.
type Decision struct{ webhook, decision string }

// The decisions that are counted. A change that is none of Peergate's business is not. What is unchecked did not pass
// either: the API server could not be asked whether the user may.
var (
	Tainted           = Decision{"node-defaulter", "tainted"}
	CreatedExempt     = Decision{"node-defaulter", "exempt"}
	RefusedAtCreate   = Decision{"node-defaulter", "refused"}
	UncheckedAtCreate = Decision{"node-defaulter", "unchecked"}
	AllowedByGuard    = Decision{"node-guard", "allowed"}
	RefusedByGuard    = Decision{"node-guard", "refused"}
	UncheckedByGuard  = Decision{"node-guard", "unchecked"}
	countedDecisions  = []Decision{
		Tainted, CreatedExempt, RefusedAtCreate, UncheckedAtCreate, AllowedByGuard, RefusedByGuard, UncheckedByGuard,
	}
)

var admissions = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "peergate_webhook_decisions_total",
	Help: "Admission decisions about Nodes, by webhook. Every replica counts its own.",
}, []string{"webhook", "decision"})

func init() {
	register(admissions)
	// For the reason that usual has.
	for _, d := range countedDecisions {
		admissions.WithLabelValues(d.webhook, d.decision)
	}
}

// Admitted counts an admission decision.
func Admitted(d Decision) {
	admissions.WithLabelValues(d.webhook, d.decision).Inc()
}
