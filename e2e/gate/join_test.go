package gate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

// TestHeldUntilTheRouterConfirms is what Peergate is for.
func TestHeldUntilTheRouterConfirms(t *testing.T) {
	s := suite.New(t)
	s.Policy()
	router := s.NewRouter()
	router.Set("192.168.3.31", "Established")
	s.Declare(router)

	writes := s.WatchNode("leviathan3")
	s.Join("leviathan1", "192.168.3.31")
	s.Join("leviathan3", "192.168.3.33")
	s.EventuallyOpen("leviathan1")
	if first := <-writes; !slices.ContainsFunc(first.Spec.Taints, func(t corev1.Taint) bool {
		return t.Key == story.Taint && t.Effect == corev1.TaintEffectNoSchedule && t.TimeAdded != nil
	}) {
		t.Fatalf("the first write of the node has taints %v; the scheduler could see it without one", first.Spec.Taints)
	}

	s.EventuallySays("leviathan3", corev1.ConditionFalse, "NeighborNotConfigured")
	const line = "neighbor 192.168.3.33 remote-as 64513"
	if message := story.Condition(s.Node("leviathan3")).Message; !strings.Contains(message, line) {
		t.Errorf("the condition does not say %q, with the ASN of the other node:\n%s", line, message)
	}
	if note := s.EventuallyTold("Node", "leviathan3", "NeighborNotConfigured"); !strings.Contains(note, line) {
		t.Errorf("the Event does not say %q:\n%s", line, note)
	}
	s.EventuallyNode("leviathan3", "has no taint but ours", func(n *corev1.Node) error {
		if len(n.Spec.Taints) != 1 || !story.Tainted(n) {
			return fmt.Errorf("it has taints %v", n.Spec.Taints)
		}
		return nil
	})
	app := s.PinnedApp("leviathan3")
	s.EventuallyPod(app, "is refused by the scheduler", story.RefusedForTaint)

	router.Set("192.168.3.33", "Active")
	s.EventuallySays("leviathan3", corev1.ConditionFalse, "SessionDown")
	router.Set("192.168.3.33", "Established")
	s.EventuallyOpen("leviathan3")
	s.EventuallySays("leviathan3", corev1.ConditionTrue, "SessionEstablished")
	s.EventuallyTold("Node", "leviathan3", "SessionEstablished")
	at := s.Node("leviathan3").Annotations[v1alpha1.AnnotationConfirmedAt]
	if _, err := time.Parse(time.RFC3339, at); err != nil {
		t.Errorf("confirmed-at: %v", err)
	}
	s.EventuallyPod(app, "runs on the node", story.RunsOn("leviathan3"))

	count := map[string]int{}
	for _, e := range s.Told(t.Context(), "Node", "leviathan3") {
		count[e.Reason]++
	}
	for reason, n := range count {
		if n != 1 {
			t.Errorf("%d Events %s: a transition is told of once", n, reason)
		}
	}
}

// TestSilentRouterChangesNothing is invariant 2: what was open stays open, what was held stays held.
func TestSilentRouterChangesNothing(t *testing.T) {
	s := suite.New(t)
	s.Policy(func(p *v1alpha1.PeeringPolicySpec) { p.LossGracePeriod = &metav1.Duration{} })
	router := s.NewRouter()
	router.Set("192.168.4.1", "Established")
	s.Declare(router)
	s.Join("silent-open", "192.168.4.1")
	s.Join("silent-held", "192.168.4.2")
	s.EventuallyOpen("silent-open")
	s.EventuallySays("silent-held", corev1.ConditionFalse, "NeighborNotConfigured")

	router.Close()
	s.EventuallySays("silent-open", corev1.ConditionUnknown, "RouterUnreachable")
	s.EventuallySays("silent-held", corev1.ConditionUnknown, "RouterUnreachable")
	if story.Tainted(s.Node("silent-open")) {
		t.Error("a router's silence closed a node")
	}
	if !story.Tainted(s.Node("silent-held")) {
		t.Error("a router's silence opened a node")
	}
}

// TestLostSession covers the whole of a node's life after its release: the session goes, the node closes, it comes
// back, the node opens.
func TestLostSession(t *testing.T) {
	s := suite.New(t)
	s.Policy(func(p *v1alpha1.PeeringPolicySpec) { p.LossGracePeriod = &metav1.Duration{Duration: time.Second} })
	router := s.NewRouter()
	for i := range 3 {
		router.Set(fmt.Sprintf("192.168.5.%d", i+1), "Established")
	}
	s.Declare(router)
	for i := range 3 {
		s.Join(fmt.Sprintf("lost-%d", i+1), fmt.Sprintf("192.168.5.%d", i+1))
		s.EventuallyOpen(fmt.Sprintf("lost-%d", i+1))
	}

	router.Set("192.168.5.1", "Idle")
	s.EventuallyNode("lost-1", "is tainted again", func(n *corev1.Node) error {
		if !story.Tainted(n) {
			return fmt.Errorf("it is not; %s", story.ConditionOf(n))
		}
		return nil
	})
	router.Set("192.168.5.1", "Established")
	s.EventuallyOpen("lost-1")

	for i := range 3 {
		router.Set(fmt.Sprintf("192.168.5.%d", i+1), "Idle")
	}
	s.EventuallyTold("PeeringPolicy", s.ID, v1alpha1.ReasonTooManyUnpeered)
	for i := range 3 {
		name := fmt.Sprintf("lost-%d", i+1)
		s.EventuallyNode(name, "says why it is left open", func(n *corev1.Node) error {
			if story.Tainted(n) {
				t.Fatalf("%s is tainted, although all nodes were lost at once", name)
			}
			if c := story.Condition(n); c == nil || !strings.Contains(c.Message, "maxUnpeered") {
				return fmt.Errorf("its condition is %s", story.ConditionOf(n))
			}
			return nil
		})
	}
}
