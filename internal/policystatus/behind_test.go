package policystatus

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/verdict"
)

// behind is a cache that has not seen the newest writes of a policy.
type behind struct {
	client.Client
	policy *v1alpha1.PeeringPolicy
}

func (b behind) Get(ctx context.Context, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
	policy, ok := o.(*v1alpha1.PeeringPolicy)
	if !ok {
		return b.Client.Get(ctx, key, o, options...)
	}
	b.policy.DeepCopyInto(policy)
	return nil
}

// TestCacheBehind: a node is held and opened again before the cache has the write of the first. What is to be written is
// then what the cache has, and nothing but the arrival of that write can bring the policy back.
func TestCacheBehind(t *testing.T) {
	d := newDesk(t, node("n1"))
	d.Ledger.Put("n1", selected(verdict.Peered))
	before, _ := d.reconcile()

	stored := d.Client
	d.Client = behind{stored, before.DeepCopy()}
	d.Ledger.Put("n1", selected(verdict.Held))
	d.reconcile()
	d.Ledger.Put("n1", selected(verdict.Peered))
	d.reconcile()
	d.Client = stored
	written, err := d.stored()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&v1alpha1.NodeCounts{Held: 1}, written.Status.Nodes); diff != "" {
		t.Fatalf("while the cache is behind, counts (-want +got):\n%s", diff)
	}

	if after := again(t, &before, &written); after != settle {
		t.Fatalf("the write arrives: reconciled after %s, want %s", after, settle)
	}
	last, _ := d.reconcile()
	if diff := cmp.Diff(&v1alpha1.NodeCounts{Peered: 1}, last.Status.Nodes); diff != "" {
		t.Errorf("once the cache has it, counts (-want +got):\n%s", diff)
	}
}

// TestToldOnce: that the guard has tripped is told once, though the cache says for a while that it has not.
func TestToldOnce(t *testing.T) {
	d := newDesk(t)
	before, _ := d.reconcile()
	d.Client = behind{d.Client, before.DeepCopy()}
	for unpeered := 6; unpeered < 9; unpeered++ {
		*d.census = counted{Nodes: 10, Unpeered: unpeered, Trips: true}
		d.reconcile()
	}
	if told := d.told(); len(told) != 1 {
		t.Errorf("Events: %q", told)
	}
}

// TestOnlyTheStatusBringsAPolicyBack: of what people write, the controller hears otherwise.
func TestOnlyTheStatusBringsAPolicyBack(t *testing.T) {
	policy := &v1alpha1.PeeringPolicy{Status: v1alpha1.PeeringPolicyStatus{Nodes: &v1alpha1.NodeCounts{Peered: 1}}}
	labelled := policy.DeepCopy()
	labelled.Labels = map[string]string{"team": "network"}
	if after := again(t, policy, labelled); after >= 0 {
		t.Errorf("reconciled after %s", after)
	}
}

// TestLedgerBringsAPolicyBack: nodes that change within a second are one write.
func TestLedgerBringsAPolicyBack(t *testing.T) {
	d := newDesk(t)
	after := queued(t, "default", func(queue queue) {
		if err := d.watchLedger(t.Context(), queue); err != nil {
			t.Fatal(err)
		}
		d.Ledger.Put("n1", selected(verdict.Held))
		d.Ledger.Put("n2", selected(verdict.Held))
	})
	if after != settle {
		t.Errorf("reconciled after %s, want %s", after, settle)
	}
}

// again is how long after an update the policy is reconciled, or negative if it is not.
func again(t *testing.T, old, updated *v1alpha1.PeeringPolicy) time.Duration {
	t.Helper()
	return queued(t, updated.Name, func(queue queue) {
		whenWritten(t.Context(), event.UpdateEvent{ObjectOld: old, ObjectNew: updated}, queue)
	})
}

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// queued is how long after something the policy is reconciled, once, or negative if it is not.
func queued(t *testing.T, policy string, do func(queue)) (after time.Duration) {
	t.Helper()
	after = -1
	synctest.Test(t, func(t *testing.T) {
		queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
		began := time.Now()
		do(queue)
		time.AfterFunc(time.Hour, queue.ShutDown)
		for got, shutdown := queue.Get(); !shutdown; got, shutdown = queue.Get() {
			if want := request(policy); got != want || after >= 0 {
				t.Errorf("%s is reconciled after %s and %s, want %s once", got, after, time.Since(began), want)
			}
			after = time.Since(began)
			queue.Done(got)
		}
	})
	return after
}
