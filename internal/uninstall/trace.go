// Package uninstall takes everything that Peergate writes on Nodes away again, whether a manager runs or not.
package uninstall

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/nodestate"
	"github.com/peergate/peergate/internal/taint"
)

// Trace is what a Node carries of Peergate.
type Trace struct {
	Node string
	// Taint and Condition are true if they are there.
	Taint, Condition bool
	// Annotations are the keys, sorted.
	Annotations []string
}

// Any is true if there is anything.
func (t Trace) Any() bool { return t.Taint || t.Condition || len(t.Annotations) > 0 }

// String lists what there is: "taint, condition BGPPeered, annotation peergate.dev/exempt".
func (t Trace) String() string {
	var words []string
	if t.Taint {
		words = append(words, "taint")
	}
	if t.Condition {
		words = append(words, "condition "+string(v1alpha1.NodeConditionBGPPeered))
	}
	for _, key := range t.Annotations {
		words = append(words, "annotation "+key)
	}
	return strings.Join(words, ", ")
}

// TraceOn finds what a Node carries.
func TraceOn(node *corev1.Node, own corev1.Taint) Trace {
	t := Trace{
		Node: node.Name, Taint: taint.Has(node.Spec.Taints, own), Condition: nodestate.Condition(node) != nil,
	}
	for _, key := range slices.Sorted(maps.Keys(node.Annotations)) {
		if strings.HasPrefix(key, v1alpha1.AnnotationPrefix) {
			t.Annotations = append(t.Annotations, key)
		}
	}
	return t
}
