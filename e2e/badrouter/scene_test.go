package badrouter_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/routerclient"
)

// The addresses of the two nodes of a scene, and of a neighbor that is no node. Scenes may share them: each has a router
// for its own nodes.
const (
	openAddress     = "192.168.3.31"
	heldAddress     = "192.168.3.33"
	neighborAddress = "192.168.3.2"
)

// scene is a router that works, one node that it has opened, and one that it does not know and that is held.
type scene struct {
	*story.Story
	router *story.Router
	// credentials are the Secret as it was when the router worked.
	credentials *corev1.Secret
	open, held  string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{Story: suite.New(t)}
	s.open, s.held = s.ID+"-open", s.ID+"-held"
	s.Policy(func(p *v1alpha1.PeeringPolicySpec) { p.LossGracePeriod = &metav1.Duration{} })
	s.router = s.NewRouter()
	s.router.Set(neighborAddress, "Established")
	s.router.Set(openAddress, "Established")
	s.Declare(s.router, func(r *v1alpha1.BGPRouter, secret *corev1.Secret) {
		r.Spec.Poll = v1alpha1.PollSpec{
			Interval: metav1.Duration{Duration: time.Second}, FastInterval: metav1.Duration{Duration: 200 * time.Millisecond},
			Timeout: metav1.Duration{Duration: 3 * time.Second}, StaleAfter: metav1.Duration{Duration: 4 * time.Second},
		}
		s.credentials = secret
	})
	s.Join(s.open, openAddress)
	s.Join(s.held, heldAddress)
	s.EventuallyOpen(s.open)
	s.EventuallySays(s.open, corev1.ConditionTrue, "SessionEstablished")
	s.EventuallySays(s.held, corev1.ConditionFalse, "NeighborNotConfigured")
	s.EventuallyReachable(s.ID, metav1.ConditionTrue, v1alpha1.ReasonAnswered)
	s.EventuallyTold("BGPRouter", s.ID, v1alpha1.ReasonAnswered)
	return s
}

// requireUnchanged fails the test if a taint has changed.
func (s *scene) requireUnchanged() {
	s.Helper()
	if n := s.Node(s.open); story.Tainted(n) {
		s.Errorf("the open node was closed without an answer: %s", story.ConditionOf(n))
	}
	if n := s.Node(s.held); !story.Tainted(n) {
		s.Errorf("the held node was opened without an answer: %s", story.ConditionOf(n))
	}
}

// recover expects the router to answer again, and the node that it held to open once the router knows it.
func (s *scene) recover() {
	s.Helper()
	s.EventuallyReachable(s.ID, metav1.ConditionTrue, v1alpha1.ReasonAnswered)
	s.EventuallySays(s.open, corev1.ConditionTrue, "SessionEstablished")
	s.EventuallySays(s.held, corev1.ConditionFalse, "NeighborNotConfigured")
	s.requireUnchanged()
	s.router.Set(heldAddress, "Established")
	s.EventuallyOpen(s.held)
}

// secret reads the router's Secret.
func (s *scene) secret() *corev1.Secret {
	s.Helper()
	var secret corev1.Secret
	if err := s.Client.Get(s.Context(), client.ObjectKey{Namespace: install.Namespace, Name: s.ID}, &secret); err != nil {
		s.Fatal(err)
	}
	return &secret
}

// bgpRouter reads the BGPRouter.
func (s *scene) bgpRouter() *v1alpha1.BGPRouter {
	s.Helper()
	var router v1alpha1.BGPRouter
	if err := s.Client.Get(s.Context(), client.ObjectKey{Name: s.ID}, &router); err != nil {
		s.Fatal(err)
	}
	return &router
}

// setPlatform changes the BGPRouter's platform.
func (s *scene) setPlatform(platform string) error {
	router := s.bgpRouter()
	router.Spec.Platform = platform
	return s.Client.Update(s.Context(), router)
}

// unknown is what the conditions and Events say while the router gives no usable answer.
type unknown struct {
	reason routerclient.Reason
	// says are words that name what is wrong and what to change.
	says []string
}
