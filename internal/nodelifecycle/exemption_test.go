package nodelifecycle

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/ledger"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/taint"
	"github.com/peergate/peergate/internal/waitlist"
)

// TestExemptionTakenBack: a cache that still has an exemption which the API server no longer has releases nobody.
func TestExemptionTakenBack(t *testing.T) {
	own, err := taint.Parse(taint.Default)
	if err != nil {
		t.Fatal(err)
	}
	held := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1", UID: "u1"}, Spec: corev1.NodeSpec{Taints: []corev1.Taint{own}}}
	exempt := held.DeepCopy()
	exempt.Annotations = map[string]string{v1alpha1.AnnotationExempt: "drill"}
	for name, test := range map[string]struct {
		stored *corev1.Node
		want   bool
	}{
		"exempt still":       {exempt, false},
		"exempt no longer":   {held, true},
		"for another reason": {func() *corev1.Node { n := exempt.DeepCopy(); n.Annotations[v1alpha1.AnnotationExempt] = "x"; return n }(), true},
	} {
		t.Run(name, func(t *testing.T) {
			scheme := runtime.NewScheme()
			if err := clientgoscheme.AddToScheme(scheme); err != nil {
				t.Fatal(err)
			}
			if err := v1alpha1.AddToScheme(scheme); err != nil {
				t.Fatal(err)
			}
			stored := fake.NewClientBuilder().WithScheme(scheme).WithObjects(test.stored.DeepCopy()).WithStatusSubresource(held).Build()
			stale := interceptor.NewClient(stored, interceptor.Funcs{
				Get: func(_ context.Context, _ client.WithWatch, _ client.ObjectKey, o client.Object, _ ...client.GetOption) error {
					exempt.DeepCopyInto(o.(*corev1.Node))
					return nil
				},
			})
			r := &Reconciler{
				Client: stale, Live: stored, Recorder: events.NewFakeRecorder(10), Table: sessiontable.New(), Waiting: waitlist.New(),
				Ledger: ledger.New(), Clock: clocktesting.NewFakePassiveClock(now), Taint: own,
			}
			if _, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "n1"}}); err != nil {
				t.Logf("reconciling: %v", err) // of the fake client; the API server answers 422, which is tried again
			}
			var node corev1.Node
			if err := stored.Get(t.Context(), client.ObjectKey{Name: "n1"}, &node); err != nil {
				t.Fatal(err)
			}
			if got := taint.Has(node.Spec.Taints, own); got != test.want {
				t.Errorf("the node is tainted: %t, want %t", got, test.want)
			}
		})
	}
}
