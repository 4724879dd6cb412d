package policystatus

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/ledger"
	"github.com/peergate/peergate/internal/nodelifecycle"
	"github.com/peergate/peergate/internal/verdict"
)

// counted is a census that was taken.
type counted nodelifecycle.Census

func (c *counted) Census(context.Context, *v1alpha1.PeeringPolicy) (nodelifecycle.Census, error) {
	return nodelifecycle.Census(*c), nil
}

// desk is a Reconciler, and what it is told.
type desk struct {
	*Reconciler
	*testing.T
	census *counted
	events *events.FakeRecorder
}

func newDesk(t *testing.T, nodes ...client.Object) *desk {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	d := &desk{T: t, census: &counted{}, events: events.NewFakeRecorder(10)}
	half := intstr.FromString("50%")
	policy := &v1alpha1.PeeringPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: "default", Generation: 7}, Spec: v1alpha1.PeeringPolicySpec{MaxUnpeered: &half},
	}
	d.Reconciler = &Reconciler{
		Client:   fake.NewClientBuilder().WithScheme(scheme).WithObjects(nodes...).WithObjects(policy).WithStatusSubresource(policy).Build(),
		Recorder: d.events, Ledger: ledger.New(), Census: d.census,
	}
	return d
}

// reconcile returns the policy after it was reconciled.
func (d *desk) reconcile() (v1alpha1.PeeringPolicy, ctrl.Result) {
	d.Helper()
	result, err := d.Reconcile(d.Context(), request("default"))
	if err != nil {
		d.Fatal(err)
	}
	policy, err := d.stored()
	if err != nil {
		d.Fatal(err)
	}
	return policy, result
}

func (d *desk) stored() (policy v1alpha1.PeeringPolicy, err error) {
	err = d.Client.Get(d.Context(), types.NamespacedName{Name: "default"}, &policy)
	return policy, err
}

// told returns the Events since the last call.
func (d *desk) told() (events []string) {
	for len(d.events.Events) > 0 {
		events = append(events, <-d.events.Events)
	}
	return events
}

func node(name string, change ...func(*corev1.Node)) client.Object {
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
	for _, f := range change {
		f(n)
	}
	return n
}

// leaving is a node that a finalizer keeps.
func leaving(n *corev1.Node) {
	at := metav1.Now()
	n.DeletionTimestamp, n.Finalizers = &at, []string{"example.com/drain"}
}

func selected(state verdict.State) ledger.Entry {
	return ledger.Entry{State: state, Policies: []string{"default"}}
}

// TestCounts: nodes are counted once each of them has been looked at, but for those that are being deleted.
func TestCounts(t *testing.T) {
	d := newDesk(t, node("n1"), node("n2"), node("n3", leaving))
	d.Ledger.Put("n1", selected(verdict.Held))
	policy, result := d.reconcile()
	if policy.Status.ObservedGeneration != 0 || result.RequeueAfter != settle {
		t.Errorf("before every node was looked at: generation %d, again after %s", policy.Status.ObservedGeneration, result.RequeueAfter)
	}
	d.Ledger.Put("n2", selected(verdict.Peered))
	policy, result = d.reconcile()
	if diff := cmp.Diff(&v1alpha1.NodeCounts{Peered: 1, Held: 1}, policy.Status.Nodes); diff != "" || result.RequeueAfter != 0 {
		t.Errorf("again after %s, counts (-want +got):\n%s", result.RequeueAfter, diff)
	}
	if policy.Status.ObservedGeneration != 7 {
		t.Errorf("observed generation %d, want 7", policy.Status.ObservedGeneration)
	}
	version := policy.ResourceVersion
	if again, _ := d.reconcile(); again.ResourceVersion != version {
		t.Error("a status that has not changed was written")
	}
}

// TestNothingIsANumber: of a policy without nodes the columns of kubectl show 0, and not that nobody has counted.
func TestNothingIsANumber(t *testing.T) {
	d := newDesk(t)
	policy, _ := d.reconcile()
	if diff := cmp.Diff(&v1alpha1.NodeCounts{}, policy.Status.Nodes); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// TestGuardIsTold: one Event when the guard trips and one when it resets, whatever the numbers do meanwhile, and whichever
// manager leads.
func TestGuardIsTold(t *testing.T) {
	d := newDesk(t)
	trips := func(unpeered int) {
		*d.census = counted{Nodes: 10, Unpeered: unpeered, Trips: unpeered > 5}
	}
	const (
		tripped = "Warning TooManyUnpeered 6 of 10 nodes have lost their sessions, more than maxUnpeered (50%) allows: " +
			"the router, or the way to it, is suspected, and no further node is tainted for it."
		reset = "Normal WithinLimit No more nodes than maxUnpeered have lost their sessions."
	)
	for _, step := range []struct {
		name     string
		unpeered int
		restart  bool
		want     []string
		status   metav1.ConditionStatus
	}{
		{"at first", 0, false, nil, metav1.ConditionFalse},
		{"it trips", 6, false, []string{tripped}, metav1.ConditionTrue},
		{"more are lost", 7, false, nil, metav1.ConditionTrue},
		{"under another leader", 8, true, nil, metav1.ConditionTrue},
		{"it resets", 5, false, []string{reset}, metav1.ConditionFalse},
		{"under yet another leader", 4, true, nil, metav1.ConditionFalse},
	} {
		trips(step.unpeered)
		if step.restart {
			d.Reconciler.told = nil
		}
		policy, _ := d.reconcile()
		if diff := cmp.Diff(step.want, d.told()); diff != "" {
			t.Errorf("%s: events (-want +got):\n%s", step.name, diff)
		}
		if c := meta.FindStatusCondition(policy.Status.Conditions, v1alpha1.ConditionDisruptionGuard); c == nil || c.Status != step.status {
			t.Errorf("%s: condition %+v, want %s", step.name, c, step.status)
		}
	}
}
