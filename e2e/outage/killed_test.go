package outage_test

import (
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

// TestKilledBetweenDecisionAndPatch cuts the leader's power when it has decided to release a node and does not know yet
// that it has: the next leader finishes what is left to do, and does nothing twice.
func TestKilledBetweenDecisionAndPatch(t *testing.T) {
	for _, test := range []struct {
		name, node, address string
		at                  point
		// released is true if the patch got through.
		released bool
	}{
		{"the patch never reaches the API server", "unpatched", "192.168.21.1", beforeTheServer, false},
		{"the answer never reaches the manager", "unanswered", "192.168.21.2", beforeTheAnswer, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := suite.New(t)
			s.Policy()
			router := s.NewRouter()
			s.Declare(router)
			s.Join(test.node, test.address)
			s.EventuallySays(test.node, corev1.ConditionFalse, "NeighborNotConfigured")
			settle(s, test.node)
			before := s.Node(test.node)
			history := s.Follow(test.node)

			release := between.stop(t, test.at, isPatchOf(test.node))
			router.Set(test.address, "Established")
			killStopped(s, release)
			if node := s.Node(test.node); story.Tainted(node) == test.released {
				t.Fatalf("when the leader is gone, the node has taints %v", node.Spec.Taints)
			}
			replace(s)

			s.EventuallyOpen(test.node)
			s.EventuallySays(test.node, corev1.ConditionTrue, "SessionEstablished")
			// Where everything was written, there is nothing left for the next leader to tell of: an Event that a killed one
			// had no time to send is sent by nobody, and the condition has to do.
			if !test.released {
				s.EventuallyTold("Node", test.node, "SessionEstablished")
			}
			expectOneRelease(s, before, history.States())
			if n := countEvents(s, test.node, "SessionEstablished"); n > 1 {
				t.Errorf("%d Events tell of one release", n)
			}
		})
	}
}

// killStopped kills the replica whose request is stopped, and then breaks its connection.
func killStopped(s *story.Story, h *hold) {
	s.Helper()
	var replica *install.Replica
	select {
	case address := <-h.stopped:
		for _, r := range s.Peergate.Replicas() {
			if r.APIServer == address {
				replica = r
			}
		}
	case <-time.After(story.Patience):
		s.Fatalf("no replica sent the request within %s", story.Patience)
	}
	replica.Kill()
	h.drop()
}

// expectOneRelease looks at every state of a node that was held and was then released: the taint went and confirmed-at
// came in one write, once, and nothing else of the node has changed but its condition.
func expectOneRelease(s *story.Story, before *corev1.Node, states []*corev1.Node) {
	s.Helper()
	confirmedAt := ""
	for _, state := range states {
		at, confirmed := state.Annotations[v1alpha1.AnnotationConfirmedAt]
		if story.Tainted(state) == confirmed {
			s.Errorf("the node has taints %v and %s %q", state.Spec.Taints, v1alpha1.AnnotationConfirmedAt, at)
		}
		if at != confirmedAt && confirmedAt != "" {
			s.Errorf("%s changed from %q to %q", v1alpha1.AnnotationConfirmedAt, confirmedAt, at)
		}
		confirmedAt = at
		if diff := cmp.Diff(othersOf(before), othersOf(state)); diff != "" {
			s.Errorf("what is not Peergate's has changed (-before +after):\n%s", diff)
		}
	}
	if confirmedAt == "" {
		s.Errorf("none of %d states has %s", len(states), v1alpha1.AnnotationConfirmedAt)
	}
}

// othersOf is what of a node is not Peergate's to write.
func othersOf(node *corev1.Node) *corev1.Node {
	n := node.DeepCopy()
	n.ManagedFields, n.ResourceVersion = nil, ""
	maps.DeleteFunc(n.Annotations, func(key, _ string) bool {
		return key == v1alpha1.AnnotationConfirmedAt || key == v1alpha1.AnnotationReopenedAt
	})
	if len(n.Annotations) == 0 {
		n.Annotations = nil
	}
	var taints []corev1.Taint
	for _, t := range n.Spec.Taints {
		if t.Key != story.Taint {
			taints = append(taints, t)
		}
	}
	n.Spec.Taints = taints
	var conditions []corev1.NodeCondition
	for _, c := range n.Status.Conditions {
		if c.Type != v1alpha1.NodeConditionBGPPeered {
			conditions = append(conditions, c)
		}
	}
	n.Status.Conditions = conditions
	return n
}

func countEvents(s *story.Story, node, reason string) (n int) {
	s.Helper()
	for _, e := range s.Told(s.Context(), "Node", node) {
		if e.Reason == reason {
			n++
		}
	}
	return n
}
