package nodelifecycle

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

// TestAnswerWhileTheGuardCounts: the router has lost every session, and brings them back just when the guard counts. The
// node was read before that, and the guard, which held, is gone.
func TestAnswerWhileTheGuardCounts(t *testing.T) {
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	table := sessiontable.New()
	answer := func(state routerclient.State, at time.Time) {
		snapshot := &routerclient.Snapshot{}
		for i := range 3 {
			snapshot.Sessions = append(snapshot.Sessions, routerclient.Session{
				VRF: routerclient.DefaultVRF, Peer: netip.MustParseAddr(fmt.Sprintf("192.0.2.%d", i)), State: state,
			})
		}
		table.Record("edge", sessiontable.Answer{
			Snapshot: snapshot, VRF: sessiontable.AnyVRF, AskedAt: at, AnsweredAt: at, StaleAfter: time.Minute,
		})
	}
	answer(routerclient.Idle, now.Add(-time.Second))
	whenCounted := interceptor.Funcs{List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
		if _, ok := list.(*corev1.NodeList); ok {
			answer(routerclient.Established, now)
		}
		return c.List(ctx, list, options...)
	}}
	nodes := lostNodes(now, 3)
	r := &Reconciler{
		Client: fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(policyAndRouter()...).WithObjects(nodes...).
			WithInterceptorFuncs(whenCounted).Build(),
		Table: table, Clock: clocktesting.NewFakePassiveClock(now), Taint: corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule},
	}
	in, err := r.gather(t.Context(), nodes[0].(*corev1.Node))
	if err != nil {
		t.Fatal(err)
	}
	if d := verdict.Decide(in); d.Taint == verdict.AddTaint {
		t.Errorf("the node is tainted, in state %s: %s", d.State, d.Condition.Message)
	}
}

// lostNodes were confirmed, and their conditions have been False for an hour.
func lostNodes(now time.Time, count int) []client.Object {
	nodes := make([]client.Object, 0, count)
	for i := range count {
		nodes = append(nodes, &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{
				Name:        fmt.Sprintf("node-%d", i),
				Annotations: map[string]string{v1alpha1.AnnotationConfirmedAt: now.Add(-2 * time.Hour).Format(time.RFC3339)},
			},
			Status: corev1.NodeStatus{
				Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: fmt.Sprintf("192.0.2.%d", i)}},
				Conditions: []corev1.NodeCondition{{
					Type: v1alpha1.NodeConditionBGPPeered, Status: corev1.ConditionFalse, LastTransitionTime: metav1.NewTime(now.Add(-time.Hour)),
				}},
			},
		})
	}
	return nodes
}

func policyAndRouter() []client.Object {
	half := intstr.FromString("50%")
	return []client.Object{
		&v1alpha1.PeeringPolicy{
			ObjectMeta: metav1.ObjectMeta{Name: "default"},
			Spec: v1alpha1.PeeringPolicySpec{
				Mode: v1alpha1.ModeContinuous, MinEstablished: intstr.FromString("100%"), MaxUnpeered: &half, LossGracePeriod: &metav1.Duration{},
			},
		},
		&v1alpha1.BGPRouter{ObjectMeta: metav1.ObjectMeta{Name: "edge"}},
	}
}

func testScheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	return scheme
}
