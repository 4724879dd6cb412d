package failures_test

import (
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/routerclient/routertest"
)

// TestRouterReplaced: a router with another host key is not believed, until a person writes the new key into the
// Secret.
func TestRouterReplaced(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	taintsStay := s.taintsStay(s.nodes()...)

	s.setOpen("Idle")
	s.router.Restart(t, func(o *routertest.Options) { o.HostKeys = []ssh.Signer{routertest.NewKey()} })
	s.EventuallyReachable(s.ID, metav1.ConditionFalse, "HostKeyMismatch")
	s.expectUnknown("HostKeyMismatch")
	s.setOpen("Established")
	s.ChangeSecret(s.ID, func(data map[string][]byte) { data["known_hosts"] = s.router.KnownHosts() })
	s.EventuallyReachable(s.ID, metav1.ConditionTrue, v1alpha1.ReasonAnswered)
	s.expectUsual()
	taintsStay()
	s.expectRelease()
}

// TestRouterRebooted: the router is away, comes back without sessions, and they come up within the grace period. The
// guard has no part in it.
func TestRouterRebooted(t *testing.T) {
	t.Parallel()
	s := newScene(t, withGrace(2*story.Patience), func(p *v1alpha1.PeeringPolicySpec) {
		all := intstr.FromString("100%")
		p.MaxUnpeered = &all
	})
	taintsStay := s.taintsStay(s.nodes()...)

	s.router.Close()
	s.EventuallyReachable(s.ID, metav1.ConditionFalse, "RouterUnreachable")
	s.setOpen("Idle")
	s.router.Restart(t)
	for _, node := range s.open {
		s.EventuallySays(node, corev1.ConditionFalse, "SessionDown")
	}
	s.setOpen("Established")
	s.expectUsual()
	taintsStay()
	s.expectRelease()
}

// TestRouterDeleted: without a BGPRouter nothing can be known, and nothing changes.
func TestRouterDeleted(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	taintsStay := s.taintsStay(s.nodes()...)

	s.Delete(&v1alpha1.BGPRouter{ObjectMeta: metav1.ObjectMeta{Name: s.ID}})
	s.expectUnknown("NoRouter")
	s.Declare(s.router, story.Named(s.ID+"-again"))
	s.expectUsual()
	taintsStay()
	s.expectRelease()
}

// TestRouterNoLongerTakesTheNodes: the same, for those whom an edit of spec.nodeSelector leaves without a router.
func TestRouterNoLongerTakesTheNodes(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	taintsStay := s.taintsStay(s.nodes()...)

	s.ChangeRouter(s.ID, func(r *v1alpha1.BGPRouterSpec) { r.NodeSelector.MatchLabels["example.org/rack"] = "7" })
	s.expectUnknown("NoRouter")
	s.ChangeRouter(s.ID, func(r *v1alpha1.BGPRouterSpec) { delete(r.NodeSelector.MatchLabels, "example.org/rack") })
	s.expectUsual()
	taintsStay()
	s.expectRelease()
}

// TestRouterOfAnotherVRF: in the VRF that the BGPRouter names, the router has none of the nodes. That is an answer; of
// all nodes at once it is one that the guard does not believe.
func TestRouterOfAnotherVRF(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	taintsStay := s.taintsStay(s.nodes()...)

	s.ChangeRouter(s.ID, func(r *v1alpha1.BGPRouterSpec) { r.VRF = "red" })
	s.EventuallyGuard(s.ID, metav1.ConditionTrue)
	for _, node := range s.nodes() {
		s.EventuallySays(node, corev1.ConditionFalse, "NeighborNotConfigured")
	}
	late := s.ID + "-late"
	s.Join(late, "192.168.3.35")
	s.router.Set("192.168.3.35", "Established")
	s.EventuallySays(late, corev1.ConditionFalse, "NeighborNotConfigured")
	lateStays := s.TaintStays(late)
	s.awaitPolls(3)
	lateStays()

	s.ChangeRouter(s.ID, func(r *v1alpha1.BGPRouterSpec) { r.VRF = "default" })
	s.EventuallyGuard(s.ID, metav1.ConditionFalse)
	s.expectUsual()
	taintsStay()
	s.EventuallyOpen(late)
	s.expectRelease()
}

// TestGuard: the sessions of more nodes than maxUnpeered are gone for longer than the grace period.
func TestGuard(t *testing.T) {
	t.Parallel()
	s := newScene(t, withGrace(time.Second))
	othersStay := s.taintsStay(s.held, s.open[1], s.open[2])
	lostStays := s.TaintStays(s.open[0])

	s.setOpen("Idle")
	s.EventuallyGuard(s.ID, metav1.ConditionTrue)
	s.EventuallyTold("PeeringPolicy", s.ID, v1alpha1.ReasonTooManyUnpeered)
	for _, node := range s.open {
		s.expectMessage(node, "more nodes of policy "+s.ID+" than its maxUnpeered have lost their sessions")
	}
	s.setOpen("Established")
	s.EventuallyGuard(s.ID, metav1.ConditionFalse)
	s.EventuallyTold("PeeringPolicy", s.ID, v1alpha1.ReasonWithinLimit)
	s.expectUsual()
	lostStays()

	s.router.Set(openAddresses[0], "Idle")
	s.EventuallyTainted(s.open[0])
	othersStay()
	s.expectRelease()
}
