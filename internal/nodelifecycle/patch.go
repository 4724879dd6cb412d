package nodelifecycle

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/verdict"
)

// operation is one of a JSON Patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// guardUID makes a patch fail on a Node that was deleted and created anew under the same name.
func guardUID(node *corev1.Node) []operation {
	return []operation{{Op: "test", Path: "/metadata/uid", Value: node.UID}}
}

// guardExemption makes a patch fail once the exemption that it is for has been taken back: after a break of the watch, a
// cache is older than the connection that the patch goes through.
func guardExemption(node *corev1.Node) operation {
	return operation{Op: "test", Path: annotationPath(v1alpha1.AnnotationExempt), Value: node.Annotations[v1alpha1.AnnotationExempt]}
}

// replaceTaints makes a patch fail if the taints are no longer those the decision saw. spec.taints is an atomic list:
// anything less would undo what somebody else has written meanwhile. The test names the list and not the resource
// version, so that a heartbeat is no conflict.
func replaceTaints(old, next []corev1.Taint) []operation {
	const path = "/spec/taints"
	var before, after any
	if len(old) > 0 {
		before = old
	}
	if len(next) > 0 {
		after = next
	}
	ops := []operation{{Op: "test", Path: path, Value: before}}
	if after == nil {
		return append(ops, operation{Op: "remove", Path: path})
	}
	return append(ops, operation{Op: "add", Path: path, Value: after})
}

// stamp writes the time into an annotation.
func stamp(node *corev1.Node, annotation string, now time.Time) []operation {
	var ops []operation
	if len(node.Annotations) == 0 {
		ops = append(ops,
			operation{Op: "test", Path: "/metadata/annotations", Value: nil},
			operation{Op: "add", Path: "/metadata/annotations", Value: map[string]string{}})
	}
	return append(ops, operation{Op: "add", Path: annotationPath(annotation), Value: now.UTC().Format(time.RFC3339)})
}

// annotationPath is the JSON Pointer (RFC 6901) to an annotation.
func annotationPath(key string) string {
	return "/metadata/annotations/" + strings.ReplaceAll(key, "/", "~1")
}

func nameOf(node *corev1.Node) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: node.Name}
}

// rewordAfter is how long a condition's message stands before it is written again for a change of a router's words
// alone: those of a session that does not come up can change with every poll.
const rewordAfter = time.Minute

// conditionWrite is what has to be written to make condition BGPPeered what it is to be.
type conditionWrite struct {
	// element is the strategic merge patch of the one condition, or nil if there is nothing to write now.
	element any
	// news is true if the status or the reason changes.
	news bool
	// after is when there will be something to write, if nothing else changes; 0 is never.
	after time.Duration
}

func writeCondition(node *corev1.Node, want verdict.Condition, now time.Time) conditionWrite {
	old := findCondition(node)
	switch {
	case want.Change == verdict.LeaveCondition, want.Change == verdict.DropCondition && old == nil:
		return conditionWrite{}
	case want.Change == verdict.DropCondition:
		return conditionWrite{element: map[string]any{"$patch": "delete", "type": v1alpha1.NodeConditionBGPPeered}, news: true}
	}
	next := corev1.NodeCondition{
		Type: v1alpha1.NodeConditionBGPPeered, Status: want.Status, Reason: string(want.Reason), Message: want.Message,
		LastHeartbeatTime: metav1.NewTime(now), LastTransitionTime: metav1.NewTime(now),
	}
	if old == nil {
		return conditionWrite{element: next, news: true}
	}
	if old.Status == next.Status {
		next.LastTransitionTime = old.LastTransitionTime
	}
	news := old.Status != next.Status || old.Reason != next.Reason
	if !news && old.Message == next.Message {
		return conditionWrite{}
	}
	// A heartbeat that is yet to come is by a clock that was set back since.
	if age := now.Sub(old.LastHeartbeatTime.Time); !news && headline(old.Message) == headline(next.Message) && age >= 0 && age < rewordAfter {
		return conditionWrite{after: rewordAfter - age}
	}
	return conditionWrite{element: next, news: news}
}

// headline is the line of a message that says what became of the node, which is for us to say and not for a router.
func headline(message string) string {
	line, _, _ := strings.Cut(message, "\n")
	return line
}

// conditionPatch merges one condition into a node's status. status.conditions merges by type, so it needs no lock; the
// UID is a precondition.
func conditionPatch(node *corev1.Node, element any) ([]byte, error) {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": node.UID},
		"status":   map[string]any{"conditions": []any{element}},
	})
	if err != nil {
		return nil, fmt.Errorf("encoding the patch: %w", err)
	}
	return patch, nil
}

func findCondition(node *corev1.Node) *corev1.NodeCondition {
	for i := range node.Status.Conditions {
		if node.Status.Conditions[i].Type == v1alpha1.NodeConditionBGPPeered {
			return &node.Status.Conditions[i]
		}
	}
	return nil
}
