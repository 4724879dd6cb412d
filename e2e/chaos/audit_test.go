package chaos_test

import (
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

// marker is an annotation that the competitors change with every write of theirs, so that whose write it was can be
// seen in the Node itself.
const marker = "chaos.example.org/write"

// joinedAt is an annotation that a node brings: a time just before it was created, finer than creationTimestamp.
const joinedAt = "chaos.example.org/joined-at"

// rules are what the auditor knows of the policy.
type rules struct {
	// grace is lossGracePeriod.
	grace time.Duration
	// window is the age up to which an answer may be behind a write: staleAfter, and the time from the decision until
	// the auditor sees it written.
	window time.Duration
	// maxUnpeered is in percent.
	maxUnpeered int
	// racks are the routers of each rack's nodes.
	racks map[string][]*answers
	// needed is how many of its rack's routers a node wants.
	needed int
}

// write is one write of a Node, or its deletion.
type write struct {
	at   time.Time
	name string
	// node is nil if the write deleted it.
	node *corev1.Node
}

// auditor judges every write of every Node, in order, by the invariants of docs/architecture.md that can be judged from
// the writes and from what the routers answered.
type auditor struct {
	rules
	nodes map[string]*corev1.Node
	// lost are the nodes that were tainted for loss and still are.
	lost map[types.UID]bool
	// left is when nodes were last deleted.
	left  []time.Time
	tally tally
}

// tally is what the auditor has seen, so that a run in which nothing happened proves nothing.
type tally struct{ writes, created, released, held, lost int }

func newAuditor(r rules) *auditor {
	return &auditor{rules: r, nodes: map[string]*corev1.Node{}, lost: map[types.UID]bool{}}
}

// see judges one write. It returns the first invariant that the write breaks, or nil.
func (a *auditor) see(w write) error {
	a.tally.writes++
	old := a.nodes[w.name]
	if old != nil && (w.node == nil || w.node.UID != old.UID) {
		delete(a.lost, old.UID)
	}
	if w.node == nil {
		delete(a.nodes, w.name)
		a.left = append(a.left, w.at)
		return nil
	}
	a.nodes[w.name] = w.node
	if old == nil || old.UID != w.node.UID {
		return a.seeNew(w.node)
	}
	return a.seeChange(w, old)
}

func (a *auditor) seeNew(node *corev1.Node) error {
	a.tally.created++
	if isConfirmed(node) {
		return fmt.Errorf("node %s was created confirmed", node.Name)
	}
	return nil
}

func (a *auditor) seeChange(w write, old *corev1.Node) error {
	node := w.node
	if !story.Tainted(node) {
		defer delete(a.lost, node.UID)
	}
	if node.Annotations[marker] != old.Annotations[marker] || cmp.Equal(oursOf(old), oursOf(node)) {
		return nil // a competitor's, a kubelet's or a controller's of Kubernetes
	}
	if diff := cmp.Diff(othersOf(old), othersOf(node)); diff != "" {
		return fmt.Errorf("node %s: what is not Peergate's changed with what is (-before +after):\n%s", node.Name, diff)
	}
	for _, judge := range []func(write, *corev1.Node) error{a.confirmation, a.release, a.addition} {
		if err := judge(w, old); err != nil {
			return fmt.Errorf("node %s: %w", node.Name, err)
		}
	}
	return nil
}

// confirmation is invariant 1 for the annotation.
func (a *auditor) confirmation(w write, old *corev1.Node) error {
	before, after := old.Annotations[v1alpha1.AnnotationConfirmedAt], w.node.Annotations[v1alpha1.AnnotationConfirmedAt]
	switch {
	case before == after:
		return nil
	case before != "":
		return fmt.Errorf("%s changed from %q to %q", v1alpha1.AnnotationConfirmedAt, before, after)
	case story.Tainted(w.node):
		return fmt.Errorf("confirmed, and the taint stays")
	}
	return a.expectEstablished(w, "confirmed")
}

// release is invariant 1 for the taint.
func (a *auditor) release(w write, old *corev1.Node) error {
	if !story.Tainted(old) || story.Tainted(w.node) {
		return nil
	}
	a.tally.released++
	switch {
	case isExempt(old):
		return nil
	case !isConfirmed(w.node):
		return fmt.Errorf("released, and not confirmed in the same write")
	}
	return a.expectEstablished(w, "released")
}

// addition is invariants 2 and 3 for a node that was confirmed; any other may be held at any time.
func (a *auditor) addition(w write, old *corev1.Node) error {
	switch {
	case story.Tainted(old) || !story.Tainted(w.node):
		return nil
	case isExempt(old):
		return fmt.Errorf("tainted, though it is exempt: %q", old.Annotations[v1alpha1.AnnotationExempt])
	case !isConfirmed(old):
		a.tally.held++
		return nil
	}
	a.tally.lost++
	a.lost[w.node.UID] = true
	if err := a.expectGraceOver(w, old); err != nil {
		return err
	}
	if err := a.expectDown(w); err != nil {
		return err
	}
	return a.expectGuarded(w.at)
}

func (a *auditor) expectEstablished(w write, what string) error {
	from := w.at.Add(-a.window)
	if created := bornAt(w.node); created.After(from) {
		from = created
	}
	established := 0
	for _, router := range a.routersOf(w.node) {
		if up, _ := router.said(addressOf(w.node), from, w.at); up {
			established++
		}
	}
	if established < a.needed {
		return fmt.Errorf("%s, though from %s to %s only %d routers, and not %d, said that its session is Established",
			what, from.Format(time.StampMilli), w.at.Format(time.StampMilli), established, a.needed)
	}
	return nil
}

// expectDown expects that so many routers have lately said that there is no session that too few could have said else.
func (a *auditor) expectDown(w write) error {
	routers, down := a.routersOf(w.node), 0
	for _, router := range routers {
		if _, d := router.said(addressOf(w.node), w.at.Add(-a.window), w.at); d {
			down++
		}
	}
	if len(routers)-down >= a.needed {
		return fmt.Errorf("tainted for loss, though within %s only %d of %d routers said that its session is down",
			a.window, down, len(routers))
	}
	return nil
}

// expectGraceOver compares times of the API, which are whole seconds cut off: the grace may seem a second shorter only
// to who forgets that.
func (a *auditor) expectGraceOver(w write, old *corev1.Node) error {
	c := story.Condition(old)
	if c == nil || c.Status != corev1.ConditionFalse {
		return fmt.Errorf("tainted for loss, though it did not say so before: %s", story.ConditionOf(old))
	}
	if after := story.TaintAdded(w.node).Sub(c.LastTransitionTime.Time); after < a.grace {
		return fmt.Errorf("tainted for loss after %s, within the grace period of %s", after, a.grace)
	}
	return nil
}

// expectGuarded is invariant 3. Nodes that have just left may not have left the manager's cache.
func (a *auditor) expectGuarded(at time.Time) error {
	nodes := len(a.nodes)
	for _, t := range a.left {
		if at.Sub(t) < a.window {
			nodes++
		}
	}
	if limit := nodes * a.maxUnpeered / 100; len(a.lost) > limit {
		return fmt.Errorf("tainted for loss as number %d of %d nodes; maxUnpeered allows %d", len(a.lost), nodes, limit)
	}
	return nil
}

func (a *auditor) routersOf(node *corev1.Node) []*answers { return a.racks[node.Labels[rackLabel]] }
