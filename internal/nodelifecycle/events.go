package nodelifecycle

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/peergate/peergate/internal/eventnote"
	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/verdict"
)

// actions are the words for what was done to a node, by what became of it.
var actions = map[verdict.State]string{
	verdict.Peered:     "Release",
	verdict.Held:       "Hold",
	verdict.Lost:       "Lose",
	verdict.Reported:   "Report",
	verdict.Exempt:     "Exempt",
	verdict.Undecided:  "Leave",
	verdict.Unselected: "Deselect",
}

// record tells, in one line of the log and one Event, of what was just written.
func (r *Reconciler) record(ctx context.Context, node *corev1.Node, d verdict.Decision, taint metrics.TaintAction) {
	reason, message := reasonOf(d), d.Condition.Message
	log.FromContext(ctx).Info("Node changed", "state", d.State, "taint", taint, "reason", reason)
	switch {
	case d.State == verdict.Unselected:
		message = "No policy selects this node any more."
	case d.Condition.Change != verdict.SetCondition:
		return
	}
	kind := corev1.EventTypeWarning
	if d.Condition.Status == corev1.ConditionTrue && !d.Warns() || d.State == verdict.Unselected {
		kind = corev1.EventTypeNormal
	}
	r.Recorder.Eventf(node, nil, kind, string(reason), actions[d.State], "%s", eventnote.Of(message))
}

func reasonOf(d verdict.Decision) verdict.Reason {
	if d.State == verdict.Unselected {
		return verdict.ReasonNotSelected
	}
	return d.Condition.Reason
}
