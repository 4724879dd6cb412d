package nodelifecycle

import (
	"strings"
	"unique"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/nodeaddress"
)

// TrimNode drops, before a Node goes into the cache, what no decision depends on: most of a Node is a list of images.
func TrimNode(object any) (any, error) {
	node, ok := object.(*corev1.Node)
	if !ok {
		return object, nil
	}
	node.ManagedFields = nil
	node.Labels, node.Annotations = shared(node.Labels), trimAnnotations(node.Annotations)
	node.Spec = corev1.NodeSpec{Taints: node.Spec.Taints}
	status := corev1.NodeStatus{Addresses: node.Status.Addresses}
	if c := findCondition(node); c != nil {
		status.Conditions = []corev1.NodeCondition{*c}
	}
	node.Status = status
	return node, nil
}

// shared is the labels with strings that are in memory once, however many nodes have them.
func shared(labels map[string]string) map[string]string {
	if len(labels) == 0 {
		return nil
	}
	kept := make(map[string]string, len(labels))
	for key, value := range labels {
		kept[one(key)] = one(value)
	}
	return kept
}

// trimAnnotations drops the values of the annotations that are not read. Their keys stay: a patch must know whether a Node
// has annotations at all.
func trimAnnotations(annotations map[string]string) map[string]string {
	if len(annotations) == 0 {
		return annotations
	}
	kept := make(map[string]string, len(annotations))
	for key, value := range annotations {
		if !strings.HasPrefix(key, v1alpha1.AnnotationPrefix) && !nodeaddress.IsStatedIn(key) {
			value = ""
		}
		kept[one(key)] = value
	}
	return kept
}

func one(s string) string { return unique.Make(s).Value() }
