package failures_test

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

// The addresses of the nodes of a scene. Scenes may share them: each has a router for its own nodes.
var openAddresses = []string{"192.168.3.31", "192.168.3.32", "192.168.3.33"}

const heldAddress = "192.168.3.34"

// scene is a router that works, three nodes that it has opened, and one that it does not know and that is held. No
// grace delays the loss of a session, unless a story says otherwise: what a failure were to change would show at once.
type scene struct {
	*story.Story
	router *story.Router
	open   []string
	held   string
}

func newScene(t *testing.T, change ...func(*v1alpha1.PeeringPolicySpec)) *scene {
	t.Helper()
	return newSceneOn(suite, t, change...)
}

func newSceneOn(suite *story.Suite, t *testing.T, change ...func(*v1alpha1.PeeringPolicySpec)) *scene {
	t.Helper()
	s := &scene{Story: suite.New(t)}
	s.Policy(append([]func(*v1alpha1.PeeringPolicySpec){withGrace(0)}, change...)...)
	s.router = s.NewRouter()
	for _, address := range openAddresses {
		s.router.SetEstablished(address, time.Now().Add(-time.Hour))
	}
	s.Declare(s.router)
	for i, address := range openAddresses {
		s.open = append(s.open, fmt.Sprintf("%s-%d", s.ID, i+1))
		s.Join(s.open[i], address)
	}
	s.held = s.ID + "-held"
	s.Join(s.held, heldAddress)
	s.expectUsual()
	return s
}

func withGrace(d time.Duration) func(*v1alpha1.PeeringPolicySpec) {
	return func(p *v1alpha1.PeeringPolicySpec) { p.LossGracePeriod = &metav1.Duration{Duration: d} }
}

// nodes are all nodes of the scene.
func (s *scene) nodes() []string { return append([]string{s.held}, s.open...) }

// expectUsual waits until everything is as newScene has left it.
func (s *scene) expectUsual() {
	s.Helper()
	for _, node := range s.open {
		s.EventuallyOpen(node)
		s.EventuallySays(node, corev1.ConditionTrue, "SessionEstablished")
	}
	s.EventuallySays(s.held, corev1.ConditionFalse, "NeighborNotConfigured")
	s.EventuallyTainted(s.held)
}

// expectUnknown waits until all nodes say that nothing is known of them.
func (s *scene) expectUnknown(reason string) {
	s.Helper()
	for _, node := range s.nodes() {
		s.EventuallySays(node, corev1.ConditionUnknown, reason)
	}
}

// taintsStay returns a function that fails the test if the taint of a node has changed since, even if only for a moment.
func (s *scene) taintsStay(nodes ...string) (check func()) {
	s.Helper()
	checks := make([]func(), 0, len(nodes))
	for _, node := range nodes {
		checks = append(checks, s.TaintStays(node))
	}
	return func() {
		s.Helper()
		for _, check := range checks {
			check()
		}
	}
}

// expectRelease has the router get to know the node that is held, which proves that the gate works.
func (s *scene) expectRelease() {
	s.Helper()
	s.router.Set(heldAddress, "Established")
	s.EventuallyOpen(s.held)
}

// setOpen gives the sessions of all open nodes a state, all at once.
func (s *scene) setOpen(state string) { s.router.SetAll(state, openAddresses...) }
