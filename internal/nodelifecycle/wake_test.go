package nodelifecycle

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/workqueue"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/peergate/peergate/internal/ledger"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/waitlist"
	"github.com/peergate/peergate/routerclient"
)

// TestWhoIsLookedAt: of the nodes that wait, an answer wakes those for which it is the first, and those that it has news
// of.
func TestWhoIsLookedAt(t *testing.T) {
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	nodes := []client.Object{nodeAt("long-held", "192.0.2.1"), nodeAt("changed", "192.0.2.2"), nodeAt("new", "192.0.2.3")}
	r := &Reconciler{
		Client: fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(nodes...).
			WithIndex(&corev1.Node{}, addressIndex, addressesOf).Build(),
		Table: sessiontable.New(), Waiting: waitlist.New(), Clock: clocktesting.NewFakePassiveClock(now),
	}
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	t.Cleanup(queue.ShutDown)
	answered(r.Table, now, routerclient.Idle)
	if err := r.watchTable(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	r.Waiting.Wait("long-held", []string{"edge"}, now.Add(-time.Hour))
	r.Waiting.Wait("changed", []string{"edge"}, now.Add(-time.Hour))
	r.Waiting.Wait("new", []string{"edge"}, now.Add(time.Second))

	answered(r.Table, now.Add(2*time.Second), routerclient.Established)
	if diff := cmp.Diff([]string{"changed", "new"}, queued(queue)); diff != "" {
		t.Errorf("looked at after the first answer (-want +got):\n%s", diff)
	}
	answered(r.Table, now.Add(3*time.Second), routerclient.Established)
	if diff := cmp.Diff([]string(nil), queued(queue)); diff != "" {
		t.Errorf("looked at after the second answer (-want +got):\n%s", diff)
	}
}

// TestAnswerBeforeTheWait: an answer that comes after the evidence was read, and before the node is known to wait, wakes
// nobody, and may be the one that opens the node.
func TestAnswerBeforeTheWait(t *testing.T) {
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	table := sessiontable.New()
	answered(table, now.Add(-time.Second), routerclient.Established)
	nodes := ledger.New()
	nodes.OnChange(func([]string) { answered(table, now.Add(time.Second), routerclient.Established) })
	node := nodeAt("new", "192.0.2.9")
	node.SetCreationTimestamp(metav1.NewTime(now))
	node.SetUID("1")
	r := &Reconciler{
		Client: fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(policyAndRouter()...).WithObjects(node).
			WithStatusSubresource(&corev1.Node{}).WithIndex(&corev1.Node{}, addressIndex, addressesOf).Build(),
		Recorder: events.NewFakeRecorder(10), Table: table, Waiting: waitlist.New(), Ledger: nodes,
		Clock: clocktesting.NewFakePassiveClock(now), Taint: corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule},
	}
	result, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(node)})
	if err != nil {
		t.Fatal(err)
	}
	if result.RequeueAfter != missedAnswer {
		t.Errorf("looked at again after %s, want %s", result.RequeueAfter, missedAnswer)
	}
}

func nodeAt(name, address string) client.Object {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Status:     corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: address}}},
	}
}

// answered records that router edge has said, when it was asked at a time, in which state its session with 192.0.2.2 is.
func answered(table *sessiontable.Table, at time.Time, state routerclient.State) {
	table.Record("edge", sessiontable.Answer{
		Snapshot: &routerclient.Snapshot{Sessions: []routerclient.Session{
			{VRF: routerclient.DefaultVRF, Peer: netip.MustParseAddr("192.0.2.2"), State: state},
		}},
		VRF: sessiontable.AnyVRF, AskedAt: at, AnsweredAt: at, StaleAfter: time.Minute,
	})
}

// queued takes all requests that are in the queue.
func queued(queue workqueue.TypedRateLimitingInterface[reconcile.Request]) (names []string) {
	for queue.Len() > 0 {
		request, _ := queue.Get()
		queue.Done(request)
		names = append(names, request.Name)
	}
	slices.Sort(names)
	return names
}
