package failures_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

// newPair is a scene with a second router, which has sessions with all open nodes but the last.
func newPair(t *testing.T, change ...func(*v1alpha1.PeeringPolicySpec)) (s *scene, second *story.Router) {
	t.Helper()
	s = newScene(t, append(change, withMinEstablished(intstr.FromInt32(1)))...)
	second = s.NewRouter()
	for _, address := range openAddresses[:len(openAddresses)-1] {
		second.Set(address, "Established")
	}
	s.Declare(second, story.Named(s.ID+"-second"))
	s.EventuallyReachable(s.ID+"-second", metav1.ConditionTrue, v1alpha1.ReasonAnswered)
	return s, second
}

func withMinEstablished(v intstr.IntOrString) func(*v1alpha1.PeeringPolicySpec) {
	return func(p *v1alpha1.PeeringPolicySpec) { p.MinEstablished = v }
}

// TestMinEstablishedRaised: a node that no longer has what its policy wants has the grace period to get it.
func TestMinEstablishedRaised(t *testing.T) {
	t.Parallel()
	const grace = 3 * time.Second
	s, second := newPair(t, withGrace(grace))
	othersStay := s.taintsStay(s.held, s.open[0], s.open[1])
	last := s.open[2]

	edited := time.Now()
	s.ChangePolicy(s.ID, withMinEstablished(intstr.FromString("100%")))
	s.EventuallyTainted(last)
	requireNotWithin(s.Story, last, grace, edited)
	s.expectMessage(last, "2 of its 2 routers")
	s.ChangePolicy(s.ID, withMinEstablished(intstr.FromInt32(1)))
	s.EventuallyOpen(last)
	s.ChangePolicy(s.ID, withMinEstablished(intstr.FromString("100%")))
	s.EventuallySays(last, corev1.ConditionFalse, "NeighborNotConfigured")
	second.Set(openAddresses[2], "Established")
	s.EventuallyOpen(last)
	s.EventuallySays(last, corev1.ConditionTrue, "SessionEstablished")
	othersStay()
}

// TestMinEstablishedBeyondReach: an edit that no node satisfies is like a router that loses all its sessions.
func TestMinEstablishedBeyondReach(t *testing.T) {
	t.Parallel()
	s, second := newPair(t)
	for _, address := range openAddresses {
		second.Remove(address)
	}
	awaitPolls(s.Story, second, 2)
	taintsStay := s.taintsStay(s.nodes()...)

	s.ChangePolicy(s.ID, withMinEstablished(intstr.FromString("100%")))
	s.EventuallyGuard(s.ID, metav1.ConditionTrue)
	for _, node := range s.open {
		s.expectMessage(node, "maxUnpeered")
	}
	s.ChangePolicy(s.ID, withMinEstablished(intstr.FromInt32(1)))
	s.EventuallyGuard(s.ID, metav1.ConditionFalse)
	taintsStay()
}

// requireNotWithin fails the test if a node was tainted within a time of a moment. The API keeps whole seconds, cut off.
func requireNotWithin(s *story.Story, node string, d time.Duration, of time.Time) {
	s.Helper()
	added := story.TaintAdded(s.Node(node))
	if earliest := of.Add(d).Truncate(time.Second); added.Before(earliest) {
		s.Errorf("node %s was tainted at %s, before %s", node, added, earliest)
	}
}

// TestModeChanged: Report takes the taint off every node, and Continuous puts it back on those that it was on.
func TestModeChanged(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	othersStay := s.taintsStay(s.open[1], s.open[2])
	s.router.Set(openAddresses[0], "Idle")
	s.EventuallyTainted(s.open[0])

	s.ChangePolicy(s.ID, func(p *v1alpha1.PeeringPolicySpec) { p.Mode = v1alpha1.ModeReport })
	for _, node := range []string{s.held, s.open[0]} {
		s.EventuallyOpen(node)
		s.expectMessage(node, "The policy's mode is Report")
	}
	if at := s.Node(s.held).Annotations[v1alpha1.AnnotationConfirmedAt]; at != "" {
		t.Errorf("a node that no router has confirmed has %s %s", v1alpha1.AnnotationConfirmedAt, at)
	}
	s.ChangePolicy(s.ID, func(p *v1alpha1.PeeringPolicySpec) { p.Mode = v1alpha1.ModeContinuous })
	s.EventuallyTainted(s.held)
	s.EventuallyTainted(s.open[0])
	othersStay()
	s.expectRelease()
}

// TestPolicyDeleted: nodes that no policy selects carry nothing of Peergate's.
func TestPolicyDeleted(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	othersStay := s.taintsStay(s.open...)
	policy := &v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{Name: s.ID}}
	s.Delete(policy)
	s.EventuallyOpen(s.held)
	for _, node := range s.nodes() {
		s.EventuallyNode(node, "has no condition", func(n *corev1.Node) error {
			if story.Condition(n) != nil {
				return errors.New(story.ConditionOf(n))
			}
			return nil
		})
	}
	othersStay()
}

// TestPolicyAdded: every policy that selects a node has to be satisfied. One that is new gives a node that was confirmed
// its own grace period, and holds one that was not.
func TestPolicyAdded(t *testing.T) {
	t.Parallel()
	const grace = 3 * time.Second
	s, second := newPair(t)
	othersStay := s.taintsStay(s.open[0], s.open[1])
	last := s.open[2]

	added := time.Now()
	strict := &v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{Name: s.ID + "-strict"}}
	strict.Spec.NodeSelector = s.Selector()
	withGrace(grace)(&strict.Spec)
	withMinEstablished(intstr.FromString("100%"))(&strict.Spec)
	s.Create(strict)
	s.EventuallyTainted(last)
	requireNotWithin(s.Story, last, grace, added)

	heldStays := s.TaintStays(s.held)
	s.router.Set(heldAddress, "Established")
	s.EventuallyNode(s.held, "waits for the second router alone", func(n *corev1.Node) error {
		if c := story.Condition(n); c == nil || strings.Contains(c.Message, "Router "+s.ID+" ") {
			return errors.New(story.ConditionOf(n))
		}
		return nil
	})
	heldStays()
	second.Set(heldAddress, "Established")
	s.EventuallyOpen(s.held)

	s.Delete(strict)
	s.EventuallyOpen(last)
	othersStay()
}
