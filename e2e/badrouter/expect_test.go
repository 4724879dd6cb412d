package badrouter_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/routerclient"
)

// maxMessage is more than any message needs, whatever the router has printed.
const maxMessage = 2 << 10

// unknown is what is told while the router gives no usable answer.
type unknown struct {
	reason routerclient.Reason
	// says are words that name what is wrong and what to change.
	says []string
}

// expectUnknown waits until the router and both nodes say so, in their conditions and in Events.
func (s *scene) expectUnknown(u unknown) {
	s.Helper()
	reason := string(u.reason)
	s.requireSays("the condition of the BGPRouter", s.EventuallyReachable(s.ID, metav1.ConditionFalse, reason), u.says)
	s.requireSays("the Event of the BGPRouter", s.EventuallyTold("BGPRouter", s.ID, reason), u.says)
	for _, node := range []string{s.open, s.held} {
		s.EventuallySays(node, corev1.ConditionUnknown, reason)
		s.requireSays("the condition of "+node, story.Condition(s.Node(node)).Message, u.says)
		s.requireSays("the Event of "+node, s.EventuallyTold("Node", node, reason), u.says)
		s.requireTimely(node)
	}
}

// slack is what a busy machine may take longer; it is less than the minute after which a refused login is tried again.
const slack = 20 * time.Second

// requireTimely fails the test if the node's condition relied on the router's last answer for longer than that counts.
func (s *scene) requireTimely(node string) {
	s.Helper()
	contact := s.bgpRouter().Status.LastContact
	if contact == nil {
		return // what the router said before its spec changed is forgotten at once
	}
	if relied := story.Condition(s.Node(node)).LastTransitionTime.Sub(contact.Time); relied > staleAfter+slack {
		s.Errorf("the condition of %s relied on an answer for %s, and staleAfter is %s", node, relied, staleAfter)
	}
}

func (s *scene) requireSays(who, message string, words []string) {
	s.Helper()
	for _, w := range words {
		if !strings.Contains(message, w) {
			s.Errorf("%s does not say %q:\n%s", who, w, message)
		}
	}
	if len(message) > maxMessage {
		s.Errorf("%s is %d bytes long", who, len(message))
	}
}

// expectNoWrites expects that polls in vain cost no writes. If the router can count them, some are waited for.
func (s *scene) expectNoWrites(polled bool) {
	s.Helper()
	before := s.versions()
	if polled {
		s.awaitPolls(3)
	}
	if diff := cmp.Diff(before, s.versions()); diff != "" {
		s.Errorf("something was written although nothing had changed:\n%s", diff)
	}
}

// awaitPolls waits until the router has been asked some more times.
func (s *scene) awaitPolls(more int) {
	s.Helper()
	before := s.asked()
	s.Eventually("the router is asked again", func(context.Context) error {
		if n := s.asked() - before; n < more {
			return fmt.Errorf("asked %d times, want %d", n, more)
		}
		return nil
	})
}

// asked grows with every poll that reaches the router, over a new connection or the one it has.
func (s *scene) asked() int { return max(s.router.Connections(), len(s.router.Commands())) }

// versions are the resource versions of all that Peergate writes about the scene.
func (s *scene) versions() map[string]string {
	s.Helper()
	versions := map[string]string{"BGPRouter": s.bgpRouter().ResourceVersion}
	for _, node := range []string{s.open, s.held} {
		versions["Node "+node] = s.Node(node).ResourceVersion
	}
	for _, e := range s.events() {
		versions["Event "+e.Name] = e.ResourceVersion
	}
	return versions
}

// events returns the Events about the scene.
func (s *scene) events() []eventsv1.Event {
	s.Helper()
	var all eventsv1.EventList
	if err := s.Client.List(s.Context(), &all); err != nil {
		s.Fatal(err)
	}
	var own []eventsv1.Event
	for _, e := range all.Items {
		if e.ReportingController == "peergate" && strings.HasPrefix(e.Regarding.Name, s.ID) {
			own = append(own, e)
		}
	}
	return own
}

// requireNoSecretTold fails the test if a credential, the router's own or a wrong one, appears where people look.
func (s *scene) requireNoSecretTold() {
	s.Helper()
	logs, err := s.Peergate.Logs()
	if err != nil {
		s.Fatal(err)
	}
	if !strings.Contains(string(logs), s.ID) {
		s.Error("the log does not name the router: it is not the manager's")
	}
	told := map[string]string{"the log": string(logs), "the BGPRouter": fmt.Sprint(s.bgpRouter().Status)}
	for _, node := range []string{s.open, s.held} {
		told["node "+node] = story.ConditionOf(s.Node(node))
	}
	for _, e := range s.events() {
		told["Event "+e.Name] = e.Note
	}
	for _, secret := range s.secrets {
		for where, text := range told {
			if strings.Contains(text, secret) {
				s.Errorf("%s holds a secret: %q", where, secret)
			}
		}
	}
}
