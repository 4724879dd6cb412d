package explore

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/taint"
	"github.com/peergate/peergate/routerclient"
)

const (
	edge = "edge"
	// pollTakes is how long the router takes to answer.
	pollTakes  = time.Second
	staleAfter = 20 * time.Second
	lossGrace  = 10 * time.Second
	// tick is longer than lossGrace, and two are longer than staleAfter.
	tick = 11 * time.Second
)

var (
	start    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ownTaint = corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}
)

// world is everything there is, and what has truly happened in it.
type world struct {
	server *apiServer
	clock  *clocktesting.FakePassiveClock
	router *router
	// processes are the managers that run, the newest last. Only that one holds the lease.
	processes []*process
	// copied is what the competitor read last.
	copied *corev1.Node

	// writing is the process that writes, while it does.
	writing *process
	// joined is when each Node was truly created, and opened when its session last made a manager open it.
	joined, opened map[types.UID]time.Time
	// mayBeLost is maxUnpeered.
	mayBeLost int
	// writes counts those of managers.
	writes int
	broken error
}

// router is the router, and for which addresses it has an Established session.
type router struct {
	silent bool
	up     map[netip.Addr]bool
}

func (r *router) say(askedAt time.Time) (*answer, *routerclient.Snapshot) {
	said := &answer{askedAt: askedAt, up: map[netip.Addr]bool{}}
	snapshot := &routerclient.Snapshot{}
	for addr, up := range r.up {
		session := routerclient.Session{VRF: routerclient.DefaultVRF, Peer: addr, State: routerclient.Active}
		if up {
			session.State = routerclient.Established
			said.up[addr] = true
		}
		snapshot.Sessions = append(snapshot.Sessions, session)
	}
	return said, snapshot
}

// newWorld has a policy, a router, and one manager.
func newWorld(memo *memo) *world {
	clock := clocktesting.NewFakePassiveClock(start)
	w := &world{
		server: newAPIServer(clock, memo), clock: clock, router: &router{up: map[netip.Addr]bool{}},
		joined: map[types.UID]time.Time{}, opened: map[types.UID]time.Time{},
	}
	w.server.written = w.judge
	w.allow(2)
	w.elect()
	return w
}

// allow makes a policy for which so many nodes may be lost.
func (w *world) allow(maxUnpeered int) {
	w.mayBeLost = maxUnpeered
	w.server.policies = []v1alpha1.PeeringPolicy{newPolicy(maxUnpeered)}
}

func newPolicy(maxUnpeered int) v1alpha1.PeeringPolicy {
	allowed := intstr.FromInt(maxUnpeered)
	return v1alpha1.PeeringPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: "default", CreationTimestamp: metav1.NewTime(start.Add(-time.Hour)), Generation: 1},
		Spec: v1alpha1.PeeringPolicySpec{
			Mode: v1alpha1.ModeContinuous, MinEstablished: intstr.FromString("100%"), MaxUnpeered: &allowed, LossGracePeriod: &metav1.Duration{Duration: lossGrace},
		},
	}
}

// elect starts another manager. The one before it does not know yet that it no longer leads.
func (w *world) elect() { w.processes = append(w.processes, newProcess(w.server)) }

// discard ends what still runs.
func (w *world) discard() {
	for _, p := range w.processes {
		p.kill()
	}
}

func (w *world) wait(d time.Duration) { w.clock.SetTime(w.clock.Now().Add(d)) }

// join is the first write of a kubelet.
func (w *world) join(name string) {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NodeStatus{
		Addresses:  []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: addressOf(name).String()}},
		Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionFalse}},
	}}
	w.fail(w.server.create(kubelet, node))
	w.joined[w.server.nodes[name].UID] = w.clock.Now()
}

// addressOf is the address of every node of a name: one that comes after another has it from that one.
func addressOf(name string) netip.Addr {
	return netip.AddrFrom4([4]byte{192, 168, 3, name[len(name)-1]})
}

func (w *world) fail(err error) {
	if err != nil && w.broken == nil {
		w.broken = err
	}
}

// step lets a process act, and holds what it writes against the invariants.
func (w *world) step(p *process, act func()) {
	w.writing = p
	act()
	w.writing = nil
	w.fail(p.err)
}

// judge holds a write against the invariants.
func (w *world) judge(user string, before, after *corev1.Node) {
	if user != manager {
		return
	}
	w.writes++
	f := w.writing.flight
	switch had, has := tainted(before), tainted(after); {
	case f == nil:
		w.broken = fmt.Errorf("a manager writes outside a reconciliation")
	case before.UID != f.node.UID:
		w.broken = fmt.Errorf("a decision about Node %s is written to Node %s, another of its name", f.node.UID, before.UID)
	case !equality.Semantic.DeepEqual(others(before), others(after)):
		w.broken = fmt.Errorf("a manager changes what is not its own: %v, then %v", others(before), others(after))
	case had && !has:
		w.judgeOpening(f, before)
	case !had && has && confirmed(before):
		w.judgeLoss(f, before)
	case !confirmed(before) && confirmed(after) && !f.hears(w, before):
		w.broken = fmt.Errorf("a node is confirmed that no router has confirmed")
	}
}

// judgeOpening is invariants 1 and 2.
func (w *world) judgeOpening(f *flight, node *corev1.Node) {
	switch {
	case node.Annotations[v1alpha1.AnnotationExempt] != "":
	case len(f.policies) == 0 && f.definition.stands(node):
	case f.hears(w, node):
		w.opened[node.UID] = w.clock.Now()
	case len(f.policies) == 0:
		w.broken = fmt.Errorf("a node is opened because its policy is gone, which went with its definition: %+v", f.definition)
	default:
		w.broken = fmt.Errorf("a node is opened on hearsay: the newest answer is %+v, and the node joined at %s", f.heard, w.joined[node.UID])
	}
}

// judgeLoss is invariants 2 and 3, and that a node is closed only after it has been without its session for the grace period.
func (w *world) judgeLoss(f *flight, node *corev1.Node) {
	switch {
	case !f.fresh() || f.heard.up[addressOf(node.Name)]:
		w.broken = fmt.Errorf("a node is closed though no fresh answer says that its session is down: %+v", f.heard)
	case f.at.Sub(w.opened[node.UID]) < lossGrace:
		w.broken = fmt.Errorf("a node is closed %s after it was opened", f.at.Sub(w.opened[node.UID]))
	case w.lost(f) > w.mayBeLost:
		w.broken = fmt.Errorf("%d nodes are closed, and %d may be", w.lost(f), w.mayBeLost)
	}
}

// lost counts the nodes that are closed for having lost their sessions, for all that the reconciliation knows.
func (w *world) lost(f *flight) int {
	count := 0
	for _, node := range w.server.nodes {
		if confirmed(node) && tainted(node) && !f.heard.up[addressOf(node.Name)] {
			count++
		}
	}
	return count
}

// hears is true if the reconciliation knows an answer that counts, that is about this very node, and that is good.
func (f *flight) hears(w *world, node *corev1.Node) bool {
	return f.fresh() && f.heard.askedAt.After(w.joined[node.UID]) && f.heard.up[addressOf(node.Name)]
}

func (f *flight) fresh() bool { return f.heard != nil && f.at.Sub(f.heard.askedAt) <= staleAfter }

func tainted(node *corev1.Node) bool { return taint.Has(node.Spec.Taints, ownTaint) }

func confirmed(node *corev1.Node) bool { return node.Annotations[v1alpha1.AnnotationConfirmedAt] != "" }

func condition(node *corev1.Node) *corev1.NodeCondition {
	for i := range node.Status.Conditions {
		if node.Status.Conditions[i].Type == v1alpha1.NodeConditionBGPPeered {
			return &node.Status.Conditions[i]
		}
	}
	return nil
}

// others is a Node without what Peergate writes.
func others(node *corev1.Node) *corev1.Node {
	node = node.DeepCopy()
	node.ResourceVersion = ""
	node.Spec.Taints, _ = taint.Without(node.Spec.Taints, ownTaint)
	delete(node.Annotations, v1alpha1.AnnotationConfirmedAt)
	delete(node.Annotations, v1alpha1.AnnotationReopenedAt)
	node.Status.Conditions = slices.DeleteFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == v1alpha1.NodeConditionBGPPeered
	})
	return node
}

func describe(node *corev1.Node) string {
	var b strings.Builder
	fmt.Fprintf(&b, "node %s (%s): taints %v, annotations %v", node.Name, node.UID, node.Spec.Taints, node.Annotations)
	if c := condition(node); c != nil {
		fmt.Fprintf(&b, ", %s %s since %s", c.Status, c.Reason, c.LastTransitionTime.Format(time.TimeOnly))
	}
	return b.String()
}
