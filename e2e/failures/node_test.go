package failures_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

// TestNodeRecreated deletes a node that is open and has it join again under its name, while a question to the router is
// on its way: the answer, which may be about the machine before, does not open it. The next one does.
func TestNodeRecreated(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	node, before := s.open[0], s.Node(s.open[0]).UID
	othersStay := s.taintsStay(s.held, s.open[1], s.open[2])
	history := s.Follow(node)
	s.beSlow()
	turns := takeTurns(t, s.router)

	turns.awaitQuestion(s.Story)
	s.remove(node)
	s.Join(node, openAddresses[0])
	turns.answer(s.Story)
	turns.awaitQuestion(s.Story)
	if !story.Tainted(s.Node(node)) {
		t.Error("an answer to a question from before the node joined has opened it")
	}
	turns.end()
	s.EventuallyOpen(node)
	s.EventuallySays(node, corev1.ConditionTrue, "SessionEstablished")
	expectHeldThenOpen(s.Story, history.States(), before)
	othersStay()
}

// TestAddressTakenOver: a node joins with the address of one that is gone, whose session the router still shows. It too
// waits for an answer of its own, but that is all: a router tells nodes apart by address. A warning is given.
func TestAddressTakenOver(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	othersStay := s.taintsStay(s.held, s.open[1], s.open[2])
	s.beSlow()
	turns := takeTurns(t, s.router)

	turns.awaitQuestion(s.Story)
	s.remove(s.open[0])
	heir := s.ID + "-heir"
	history := s.Follow(heir)
	s.Join(heir, openAddresses[0])
	turns.answer(s.Story)
	turns.awaitQuestion(s.Story)
	if !story.Tainted(s.Node(heir)) {
		t.Error("an answer to a question from before the node joined has opened it")
	}
	turns.end()
	s.EventuallyOpen(heir)
	expectHeldThenOpen(s.Story, history.States(), "")
	const warning = "has had the session with 192.168.3.31 for longer than this Node exists"
	s.expectMessage(heir, warning)
	if note := s.EventuallyTold("Node", heir, "SessionEstablished"); !strings.Contains(note, warning) {
		t.Errorf("the Event does not warn: %s", note)
	}
	othersStay()
}

// TestAddressTwice: a node joins with the address of one that is still there. Neither closes the other.
func TestAddressTwice(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	taintsStay := s.taintsStay(s.nodes()...)
	twin := s.ID + "-twin"
	history := s.Follow(twin)
	s.Join(twin, openAddresses[0])
	s.EventuallyOpen(twin)
	expectHeldThenOpen(s.Story, history.States(), "")
	s.remove(twin)
	s.awaitPolls(2)
	s.expectUsual()
	taintsStay()
}

// remove ends a node's kubelet and deletes its Node.
func (s *scene) remove(node string) {
	s.Helper()
	s.Kubelets().Leave(node)
	s.Delete(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: node}})
}

// beSlow lets the router take its time to answer.
func (s *scene) beSlow() {
	s.Helper()
	s.ChangeRouter(s.ID, func(r *v1alpha1.BGPRouterSpec) {
		r.Poll.Timeout, r.Poll.StaleAfter = metav1.Duration{Duration: time.Minute}, metav1.Duration{Duration: 2 * time.Minute}
	})
	s.awaitPolls(2)
}

// expectHeldThenOpen looks at every state of a node that has joined, and skips those of an earlier object of its name:
// it carried the taint from its first write, and lost it with the write that confirmed it.
func expectHeldThenOpen(s *story.Story, states []*corev1.Node, earlier types.UID) {
	s.Helper()
	seen := 0
	for _, state := range states {
		if state.UID == earlier {
			continue
		}
		seen++
		_, confirmed := state.Annotations[v1alpha1.AnnotationConfirmedAt]
		if story.Tainted(state) == confirmed {
			s.Errorf("in state %d the node is tainted: %t, and confirmed: %t", seen, story.Tainted(state), confirmed)
		}
		if seen == 1 && confirmed {
			s.Error("the first write of the node is open")
		}
	}
	if seen < 2 {
		s.Errorf("only %d states of the node were seen", seen)
	}
}

// turns has a router wait with every answer until its test says so.
type turns struct {
	asked    chan struct{}
	answered chan struct{}
	ended    chan struct{}
}

func takeTurns(t *testing.T, router *story.Router) *turns {
	turns := &turns{asked: make(chan struct{}), answered: make(chan struct{}), ended: make(chan struct{})}
	router.Answer(func(ctx context.Context, _ string, stdout, _ io.Writer) int {
		if !pass(ctx, turns.ended, turns.asked) {
			return 1
		}
		// What is said is what is so when the question comes, as on a router that is slow to send it.
		answer := router.Summary()
		if !receive(ctx, turns.ended, turns.answered) {
			return 1
		}
		_, _ = stdout.Write(answer) // whoever asked may be gone
		return 0
	})
	t.Cleanup(func() { router.Answer(nil) })
	return turns
}

// pass sends unless it is all over; it is false if whoever asked is gone.
func pass(ctx context.Context, ended <-chan struct{}, to chan<- struct{}) bool {
	select {
	case to <- struct{}{}:
	case <-ended:
	case <-ctx.Done():
		return false
	}
	return true
}

func receive(ctx context.Context, ended, from <-chan struct{}) bool {
	select {
	case <-from:
	case <-ended:
	case <-ctx.Done():
		return false
	}
	return true
}

// awaitQuestion returns once the router has been asked, and keeps its answer.
func (t *turns) awaitQuestion(s *story.Story) {
	s.Helper()
	select {
	case <-t.asked:
	case <-time.After(story.Patience):
		s.Fatalf("the router was not asked within %s", story.Patience)
	}
}

// answer lets the router answer the question it keeps.
func (t *turns) answer(s *story.Story) {
	s.Helper()
	select {
	case t.answered <- struct{}{}:
	case <-time.After(story.Patience):
		s.Fatalf("the router had no question to answer within %s", story.Patience)
	}
}

// end lets the router answer that question and all to come.
func (t *turns) end() { close(t.ended) }
