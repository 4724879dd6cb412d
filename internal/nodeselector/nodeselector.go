// Package nodeselector says which nodes the nodeSelector of a BGPRouter or a PeeringPolicy takes.
package nodeselector

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Takes is true if the selector takes the node. One that is empty or nil takes every node. The error is about a selector
// that cannot be read.
func Takes(selector *metav1.LabelSelector, node *corev1.Node) (bool, error) {
	if selector == nil || (len(selector.MatchLabels) == 0 && len(selector.MatchExpressions) == 0) {
		return true, nil
	}
	if isPlain(selector) {
		return takesPlain(selector.MatchLabels, node.Labels), nil
	}
	s, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return false, err
	}
	return s.Matches(labels.Set(node.Labels)), nil
}
