package story

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// EventuallyTainted waits until a node carries Peergate's taint.
func (s *Story) EventuallyTainted(name string) {
	s.Helper()
	s.EventuallyNode(name, "is tainted", func(n *corev1.Node) error {
		if !Tainted(n) {
			return fmt.Errorf("it is not; %s", ConditionOf(n))
		}
		return nil
	})
}

// TaintAdded is when Peergate's taint was added to a node, or the zero time.
func TaintAdded(n *corev1.Node) time.Time {
	for _, t := range n.Spec.Taints {
		if t.Key == Taint && t.TimeAdded != nil {
			return t.TimeAdded.Time
		}
	}
	return time.Time{}
}

// TaintStays returns a function that fails the test if Peergate's taint has been added to the node, or removed from it,
// since TaintStays was called, even if only for a moment.
func (s *Story) TaintStays(name string) (check func()) {
	s.Helper()
	history, tainted := s.Follow(name), Tainted(s.Node(name))
	return func() {
		s.Helper()
		for _, n := range history.States() {
			if Tainted(n) != tainted {
				s.Errorf("node %s had its taint changed: tainted %t, at first %t; %s", name, !tainted, tainted, ConditionOf(n))
				return
			}
		}
	}
}
