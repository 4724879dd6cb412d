package badrouter_test

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

// The addresses of the two nodes of a scene, and of a neighbor that is no node. Scenes may share them: each has a router
// for its own nodes.
const (
	openAddress     = "192.168.3.31"
	heldAddress     = "192.168.3.33"
	neighborAddress = "192.168.3.2"
)

// staleAfter is how long an answer of a scene's router counts.
const staleAfter = 4 * time.Second

// scene is a router that works, one node that it has opened, and one that it does not know and that is held.
type scene struct {
	*story.Story
	router     *story.Router
	open, held string
	// credentials are what the Secret holds when the router works.
	credentials map[string][]byte
	// secrets are what the Secret has ever held that nobody may see.
	secrets []string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{Story: suite.New(t)}
	s.open, s.held = s.ID+"-open", s.ID+"-held"
	s.Policy(func(p *v1alpha1.PeeringPolicySpec) { p.LossGracePeriod = &metav1.Duration{} })
	s.router = s.NewRouter()
	s.router.Set(neighborAddress, "Established")
	s.router.Set(openAddress, "Established")
	s.Declare(s.router, func(r *v1alpha1.BGPRouter, _ *corev1.Secret) {
		r.Spec.Poll = v1alpha1.PollSpec{
			Interval: metav1.Duration{Duration: time.Second}, FastInterval: metav1.Duration{Duration: 200 * time.Millisecond},
			Timeout: metav1.Duration{Duration: 3 * time.Second}, StaleAfter: metav1.Duration{Duration: staleAfter},
		}
	})
	s.credentials = s.secret().Data
	s.keepSecret(s.credentials)
	s.Join(s.open, openAddress)
	s.Join(s.held, heldAddress)
	s.EventuallyOpen(s.open)
	s.EventuallySays(s.open, corev1.ConditionTrue, "SessionEstablished")
	s.EventuallySays(s.held, corev1.ConditionFalse, "NeighborNotConfigured")
	s.EventuallyReachable(s.ID, metav1.ConditionTrue, v1alpha1.ReasonAnswered)
	s.EventuallyTold("BGPRouter", s.ID, v1alpha1.ReasonAnswered)
	return s
}

// endure has a fault strike, last and be mended.
func (s *scene) endure(f fault) {
	s.Helper()
	openStays, heldStays := s.TaintStays(s.open), s.TaintStays(s.held)
	f.strike(s)
	s.expectUnknown(f.unknown)
	s.expectNoWrites(f.polled)
	s.requireNoSecretTold()
	openStays()
	heldStays()
	f.mend(s)
	s.expectRecovery()
}

// expectRecovery expects the router to answer again, and the node that it held to open once the router knows it.
func (s *scene) expectRecovery() {
	s.Helper()
	s.EventuallyReachable(s.ID, metav1.ConditionTrue, v1alpha1.ReasonAnswered)
	s.EventuallySays(s.open, corev1.ConditionTrue, "SessionEstablished")
	s.EventuallySays(s.held, corev1.ConditionFalse, "NeighborNotConfigured")
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

// keepSecret notes the password, and the lines of the private key, of a Secret.
func (s *scene) keepSecret(data map[string][]byte) {
	for _, key := range []string{corev1.BasicAuthPasswordKey, corev1.SSHAuthPrivateKey} {
		for line := range strings.Lines(string(data[key])) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "-----") {
				s.secrets = append(s.secrets, line)
			}
		}
	}
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
