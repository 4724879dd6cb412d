package outage_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

// takeover is client-go's lease (15 s) and two tries of the next leader (2 s each, and up to 1.2 times as much), with
// room for a busy machine.
const takeover = 25 * time.Second

// eventuallyLeader is the replica of suite that leads.
func eventuallyLeader(s *story.Story) (leader *install.Replica) {
	s.Helper()
	s.Eventually("a replica leads", func(context.Context) error {
		address := between.leaderAddress()
		for _, r := range s.Peergate.Replicas() {
			if r.APIServer == address {
				leader = r
				return nil
			}
		}
		return fmt.Errorf("the last that led, at %q, is gone", address)
	})
	return leader
}

// replace starts a replica in the place of one that is gone.
func replace(s *story.Story) {
	s.Helper()
	if _, err := s.Peergate.StartReplica(s.Context()); err != nil {
		s.Fatal(err)
	}
}

// settle waits until a node carries no taints but Peergate's, if that.
func settle(s *story.Story, node string) {
	s.Helper()
	s.EventuallyNode(node, "has no taint but ours", func(n *corev1.Node) error {
		for _, t := range n.Spec.Taints {
			if t.Key != story.Taint {
				return fmt.Errorf("it has taint %s", t.Key)
			}
		}
		return nil
	})
}

// TestNewLeaderKnowsNothing is invariant 2: the leader's power is cut, and the next one begins with an empty table.
func TestNewLeaderKnowsNothing(t *testing.T) {
	const grace = takeover // which it therefore outlasts
	s := suite.New(t)
	s.Policy(func(p *v1alpha1.PeeringPolicySpec) { p.LossGracePeriod = &metav1.Duration{Duration: grace} })
	router := s.NewRouter()
	for _, address := range []string{"192.168.20.1", "192.168.20.2", "192.168.20.3"} {
		router.Set(address, "Established")
	}
	s.Declare(router, func(r *v1alpha1.BGPRouter, _ *corev1.Secret) {
		// The next leader's question is kept for as long as the histories are read.
		r.Spec.Poll.Timeout, r.Spec.Poll.StaleAfter = metav1.Duration{Duration: time.Minute}, metav1.Duration{Duration: 2 * time.Minute}
	})
	histories := map[string]*story.History{}
	for name, address := range map[string]string{
		"settled-1": "192.168.20.1", "settled-2": "192.168.20.2", "losing": "192.168.20.3", "held": "192.168.20.4",
	} {
		s.Join(name, address)
	}
	for _, name := range []string{"settled-1", "settled-2", "losing"} {
		s.EventuallyOpen(name)
		s.EventuallySays(name, corev1.ConditionTrue, "SessionEstablished")
	}
	s.EventuallySays("held", corev1.ConditionFalse, "NeighborNotConfigured")
	for _, name := range []string{"settled-1", "settled-2", "losing", "held"} {
		settle(s, name)
		histories[name] = s.Follow(name)
	}
	router.Set("192.168.20.3", "Active")
	s.EventuallySays("losing", corev1.ConditionFalse, "SessionDown")
	lostAt := story.Condition(s.Node("losing")).LastTransitionTime.Time

	old := eventuallyLeader(s)
	old.Kill()
	killed := time.Now()
	router.Set("192.168.20.4", "Established")
	questions := silence(t, router)
	next := eventuallyLeader(s)
	took := time.Since(killed)
	t.Logf("the next replica leads %s after the leader's end", took.Round(100*time.Millisecond))
	if next == old || took > takeover {
		t.Errorf("that is more than %s", takeover)
	}
	questions.await(s)
	for name, history := range histories {
		states := history.States()
		for _, state := range states {
			if got, want := story.Tainted(state), name == "held"; got != want {
				t.Errorf("a leader that no router has answered changed the taint of node %s", name)
			}
		}
	}

	questions.answer()
	s.EventuallyOpen("held")
	s.EventuallyNode("losing", "is tainted", func(n *corev1.Node) error {
		for _, taint := range n.Spec.Taints {
			if taint.Key != story.Taint {
				continue
			}
			if after := taint.TimeAdded.Sub(lostAt); after < grace {
				t.Errorf("node losing was tainted %s after the loss of its session, within the grace period", after)
			}
			return nil
		}
		return fmt.Errorf("it is not; %s", story.ConditionOf(n))
	})
	for _, name := range []string{"settled-1", "settled-2"} {
		for _, state := range histories[name].States() {
			t.Errorf("node %s, which nothing had happened to, was written: taints %v, %s", name, state.Spec.Taints, story.ConditionOf(state))
		}
	}
	replace(s)
}

// questions are those to a router that keeps its answers to itself.
type questions struct {
	asked    chan struct{}
	answered chan struct{}
}

// silence has a router take questions and answer them only when it is told to.
func silence(t *testing.T, router *story.Router) *questions {
	q := &questions{asked: make(chan struct{}, 1), answered: make(chan struct{})}
	router.Answer(func(ctx context.Context, _ string, stdout, _ io.Writer) int {
		select {
		case q.asked <- struct{}{}:
		default:
		}
		select {
		case <-q.answered:
			_, _ = stdout.Write(router.Summary()) // whoever asked may be gone
		case <-ctx.Done():
		}
		return 0
	})
	t.Cleanup(func() { router.Answer(nil) })
	return q
}

// await waits for a question.
func (q *questions) await(s *story.Story) {
	s.Helper()
	select {
	case <-q.asked:
	case <-time.After(story.Patience):
		s.Fatalf("the router was not asked within %s", story.Patience)
	}
}

func (q *questions) answer() { close(q.answered) }
