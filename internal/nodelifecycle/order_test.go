package nodelifecycle

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
)

// TestOrderOfTheCache: an informer's cache lists in the order of a Go map. What a node's condition says must not follow
// it: each time would be a write.
func TestOrderOfTheCache(t *testing.T) {
	forwards, backwards := messageOfNewNode(t, false), messageOfNewNode(t, true)
	if diff := cmp.Diff(forwards, backwards); diff != "" {
		t.Errorf("the order in which objects are listed changes the message:\n%s", diff)
	}
}

func messageOfNewNode(t *testing.T, backwards bool) string {
	t.Helper()
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	objects := append(policyAndRouter(),
		&v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{Name: "second"}},
		&v1alpha1.BGPRouter{ObjectMeta: metav1.ObjectMeta{Name: "second"}})
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "new", UID: "1", CreationTimestamp: metav1.NewTime(now)}}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.0.2.1"}}
	r := &Reconciler{
		Client: fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(objects...).WithObjects(node).
			WithIndex(&corev1.Node{}, addressIndex, addressesOf).
			WithInterceptorFuncs(listing(backwards)).Build(),
		Table: sessiontable.New(), Clock: clocktesting.NewFakePassiveClock(now),
		Taint: corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule},
	}
	for _, router := range []string{"edge", "second"} {
		r.Table.Fail(router, verdict.Failure{Reason: "Unreachable", Message: "no route to " + router}, now)
	}
	in, err := r.gather(t.Context(), node)
	if err != nil {
		t.Fatal(err)
	}
	return verdict.Decide(in).Condition.Message
}

// listing lists routers and policies in the order of their names, or backwards.
func listing(backwards bool) interceptor.Funcs {
	return interceptor.Funcs{List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
		if err := c.List(ctx, list, options...); err != nil || !backwards {
			return err
		}
		switch l := list.(type) {
		case *v1alpha1.BGPRouterList:
			slices.Reverse(l.Items)
		case *v1alpha1.PeeringPolicyList:
			slices.Reverse(l.Items)
		}
		return nil
	}}
}
