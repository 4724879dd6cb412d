// Package nodestate reads back, from a Node alone, what the manager decided about it: for those who can see the API
// server and not the manager's memory.
package nodestate

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/taint"
	"github.com/peergate/peergate/internal/verdict"
)

// Of returns the state of a node; selected is true if a policy selects it. A node that the manager has not judged yet is
// held if it carries the taint, and otherwise unknown.
func Of(node *corev1.Node, selected bool, own corev1.Taint) verdict.State {
	condition := Condition(node)
	switch {
	case strings.TrimSpace(node.Annotations[v1alpha1.AnnotationExempt]) != "":
		return verdict.Exempt
	case !selected:
		return verdict.Unselected
	case condition != nil:
		return stateSaid(condition.Message)
	case taint.Has(node.Spec.Taints, own):
		return verdict.Held
	default:
		return verdict.Undecided
	}
}

// Condition returns a node's condition BGPPeered, or nil.
func Condition(node *corev1.Node) *corev1.NodeCondition {
	for i := range node.Status.Conditions {
		if node.Status.Conditions[i].Type == v1alpha1.NodeConditionBGPPeered {
			return &node.Status.Conditions[i]
		}
	}
	return nil
}

// headlines are how a message begins, by the state that it is of. No other trace is left of why an open node lacks its
// sessions: because it has lost them, or because it never had any.
var headlines = map[string]verdict.State{
	"Held:":          verdict.Held,
	"Lost":           verdict.Lost,
	"Reported only:": verdict.Reported,
	"Left as it is:": verdict.Undecided,
	// An exemption that was just taken back, and is not judged anew yet.
	"Exempt,": verdict.Undecided,
}

func stateSaid(message string) verdict.State {
	for begin, state := range headlines {
		if strings.HasPrefix(message, begin) {
			return state
		}
	}
	return verdict.Peered
}
