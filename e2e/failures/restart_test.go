package failures_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/kubelet"
	"github.com/peergate/peergate/e2e/story"
)

// TestEveryReplicaRestarted: what is counted from a time goes on where it was. The node that has lost its session is
// tainted no earlier than it would have been; the one whose session has just come up is released neither earlier nor
// later.
func TestEveryReplicaRestarted(t *testing.T) {
	const wait = 12 * time.Second // longer than a restart takes
	s := newScene(t, withGrace(wait), func(p *v1alpha1.PeeringPolicySpec) { p.ReleaseAfter = metav1.Duration{Duration: wait} })
	othersStay := s.taintsStay(s.open[1], s.open[2])
	losing, losingHistory := s.open[0], s.Follow(s.open[0])

	up := time.Now()
	s.router.SetEstablished(heldAddress, up)
	s.router.Set(openAddresses[0], "Active")
	s.EventuallySays(s.held, corev1.ConditionFalse, "Settling")
	s.EventuallySays(losing, corev1.ConditionFalse, "SessionDown")
	down := story.Condition(s.Node(losing)).LastTransitionTime.Time
	s.WithoutManager(func() {})
	restarted := time.Now()
	t.Logf("every replica was ready again %s after the sessions had changed", restarted.Sub(up).Round(100*time.Millisecond))

	s.EventuallyOpen(s.held)
	released, err := time.Parse(time.RFC3339, s.Node(s.held).Annotations[v1alpha1.AnnotationConfirmedAt])
	if err != nil {
		t.Fatal(err)
	}
	if earliest := up.Add(wait).Truncate(time.Second); released.Before(earliest) {
		t.Errorf("released at %s, before %s: releaseAfter was cut short", released, earliest)
	}
	if released.After(restarted.Add(wait)) {
		t.Errorf("released at %s, %s after the restart: releaseAfter has begun anew", released, released.Sub(restarted))
	}
	s.EventuallyTainted(losing)
	requireNotWithin(s.Story, losing, wait, down)
	expectOneLoss(s.Story, losingHistory.States())
	othersStay()
}

// expectOneLoss looks at every state of a node that was open and is now tainted: its condition turned False once, and
// the time of that stood.
func expectOneLoss(s *story.Story, states []*corev1.Node) {
	s.Helper()
	var since time.Time
	for _, state := range states {
		c := story.Condition(state)
		switch {
		case c.Status == corev1.ConditionTrue:
		case c.Status != corev1.ConditionFalse:
			s.Errorf("a manager that knew nothing yet has written: %s", story.ConditionOf(state))
		case since.IsZero():
			since = c.LastTransitionTime.Time
		case !since.Equal(c.LastTransitionTime.Time):
			s.Errorf("the condition is False since %s, and was before since %s", c.LastTransitionTime, since)
		}
	}
}

// TestFlappingSession: a node that has lost its session is opened as soon as it is back; one that has lost it again right
// after has to keep it for a while, which a restart does not make any shorter or longer.
func TestFlappingSession(t *testing.T) {
	const damping = 12 * time.Second // longer than a restart takes
	s := newScene(t, func(p *v1alpha1.PeeringPolicySpec) { p.FlapDamping = &metav1.Duration{Duration: damping} })
	othersStay := s.taintsStay(s.held, s.open[1], s.open[2])
	flapping := s.open[0]

	s.router.Set(openAddresses[0], "Idle")
	s.EventuallyTainted(flapping)
	s.router.Set(openAddresses[0], "Established")
	s.EventuallyOpen(flapping)
	s.router.Set(openAddresses[0], "Idle")
	s.EventuallyTainted(flapping)
	s.EventuallySays(flapping, corev1.ConditionFalse, "Flapping")
	up := time.Now()
	s.router.SetEstablished(openAddresses[0], up)
	taintStays := s.TaintStays(flapping)
	s.WithoutManager(func() {})
	restarted := time.Now()
	s.expectMessage(flapping, "Lost again within 24s of being opened")
	taintStays()

	s.EventuallyOpen(flapping)
	opened, err := time.Parse(time.RFC3339, s.Node(flapping).Annotations[v1alpha1.AnnotationReopenedAt])
	if err != nil {
		t.Fatal(err)
	}
	if earliest := up.Add(damping).Truncate(time.Second); opened.Before(earliest) {
		t.Errorf("opened at %s, before %s: the damping was cut short", opened, earliest)
	}
	if opened.After(restarted.Add(damping)) {
		t.Errorf("opened at %s, %s after the restart: the damping has begun anew", opened, opened.Sub(restarted))
	}
	othersStay()
}

// TestGuardSurvivesRestart: the nodes of one rack are lost and left open, as the guard says, and so is the one of
// another rack. After a restart the router of the second rack answers at once, and that of the first not yet.
func TestGuardSurvivesRestart(t *testing.T) {
	const rack = "example.org/rack"
	s := &scene{Story: suite.New(t)}
	s.Policy(withGrace(time.Second))
	inRack := func(value string) func(*kubelet.Node) {
		return func(n *kubelet.Node) { n.Labels[rack] = value }
	}
	slowly := func(r *v1alpha1.BGPRouter, _ *corev1.Secret) {
		r.Spec.Poll.Timeout, r.Spec.Poll.StaleAfter = metav1.Duration{Duration: time.Minute}, metav1.Duration{Duration: 2 * time.Minute}
	}
	first, second := s.NewRouter(), s.NewRouter()
	s.Declare(first, story.Named(s.ID+"-first"), story.OfLabel(rack, "1"), slowly)
	s.Declare(second, story.Named(s.ID+"-second"), story.OfLabel(rack, "2"))
	racks := map[string]string{"192.168.4.1": "1", "192.168.4.2": "1", "192.168.4.3": "1", "192.168.4.4": "2"}
	routers := map[string]*story.Router{"1": first, "2": second}
	nodes := map[string]string{}
	for address, number := range racks {
		routers[number].Set(address, "Established")
		nodes[address] = s.ID + "-" + address[len(address)-1:]
		s.Join(nodes[address], address, inRack(number))
		s.EventuallyOpen(nodes[address])
		s.EventuallySays(nodes[address], corev1.ConditionTrue, "SessionEstablished")
		s.open = append(s.open, nodes[address])
	}
	taintsStay := s.taintsStay(s.open...)
	first.SetAll("Idle", "192.168.4.1", "192.168.4.2", "192.168.4.3")
	s.EventuallyGuard(s.ID, metav1.ConditionTrue)
	second.Set("192.168.4.4", "Idle")
	for _, node := range s.open {
		s.expectMessage(node, "maxUnpeered")
	}

	turns := takeTurns(t, first)
	s.WithoutManager(func() {})
	turns.awaitQuestion(s.Story)
	awaitPolls(s.Story, second, 4)
	taintsStay()
	turns.end()
	first.SetAll("Established", "192.168.4.1", "192.168.4.2", "192.168.4.3")
	s.EventuallyGuard(s.ID, metav1.ConditionFalse)
	s.EventuallyTainted(nodes["192.168.4.4"])
}
