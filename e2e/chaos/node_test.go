package chaos_test

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

// rackLabel says which routers a node peers with.
const rackLabel = "chaos.example.org/rack"

func isConfirmed(n *corev1.Node) bool { return n.Annotations[v1alpha1.AnnotationConfirmedAt] != "" }

func isExempt(n *corev1.Node) bool { return n.Annotations[v1alpha1.AnnotationExempt] != "" }

func addressOf(n *corev1.Node) string {
	for _, a := range n.Status.Addresses {
		if a.Type == corev1.NodeInternalIP {
			return a.Address
		}
	}
	return ""
}

// bornAt is a time at which the Node did not exist yet, as late as is known.
func bornAt(n *corev1.Node) time.Time {
	at, err := time.Parse(time.RFC3339Nano, n.Annotations[joinedAt])
	if err != nil || at.Before(n.CreationTimestamp.Time) {
		return n.CreationTimestamp.Time
	}
	return at
}

// own is what of a Node is Peergate's to write.
type own struct {
	Taints      []corev1.Taint
	ConfirmedAt string
	Condition   *corev1.NodeCondition
}

func oursOf(n *corev1.Node) own {
	o := own{ConfirmedAt: n.Annotations[v1alpha1.AnnotationConfirmedAt], Condition: story.Condition(n)}
	for _, t := range n.Spec.Taints {
		if t.Key == story.Taint {
			o.Taints = append(o.Taints, t)
		}
	}
	return o
}

// othersOf is what of a Node is not Peergate's to write.
func othersOf(node *corev1.Node) *corev1.Node {
	n := node.DeepCopy()
	n.ManagedFields, n.ResourceVersion = nil, ""
	delete(n.Annotations, v1alpha1.AnnotationConfirmedAt)
	delete(n.Annotations, v1alpha1.AnnotationReopenedAt)
	n.Spec.Taints = slices.DeleteFunc(n.Spec.Taints, func(t corev1.Taint) bool { return t.Key == story.Taint })
	n.Status.Conditions = slices.DeleteFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == v1alpha1.NodeConditionBGPPeered
	})
	if len(n.Annotations) == 0 {
		n.Annotations = nil
	}
	if len(n.Spec.Taints) == 0 {
		n.Spec.Taints = nil
	}
	if len(n.Status.Conditions) == 0 {
		n.Status.Conditions = nil
	}
	return n
}
