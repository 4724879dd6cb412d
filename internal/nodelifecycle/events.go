package nodelifecycle

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/internal/eventnote"
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

// record tells, in one Event, of what was just written.
func (r *Reconciler) record(node *corev1.Node, d verdict.Decision) {
	reason, message := d.Condition.Reason, d.Condition.Message
	switch {
	case d.State == verdict.Unselected:
		reason, message = verdict.ReasonNotSelected, "No policy selects this node any more."
	case d.Condition.Change != verdict.SetCondition:
		return
	}
	kind := corev1.EventTypeWarning
	if d.Condition.Status == corev1.ConditionTrue || d.State == verdict.Unselected {
		kind = corev1.EventTypeNormal
	}
	r.Recorder.Eventf(node, nil, kind, string(reason), actions[d.State], "%s", eventnote.Of(message))
}
