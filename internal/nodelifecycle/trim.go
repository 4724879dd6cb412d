package nodelifecycle

import (
	corev1 "k8s.io/api/core/v1"
)

// TrimNode drops, before a Node goes into the cache, what no decision depends on: most of a Node is a list of images.
func TrimNode(object any) (any, error) {
	node, ok := object.(*corev1.Node)
	if !ok {
		return object, nil
	}
	node.ManagedFields = nil
	node.Spec = corev1.NodeSpec{Taints: node.Spec.Taints}
	status := corev1.NodeStatus{Addresses: node.Status.Addresses}
	if c := findCondition(node); c != nil {
		status.Conditions = []corev1.NodeCondition{*c}
	}
	node.Status = status
	return node, nil
}
