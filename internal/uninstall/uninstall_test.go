package uninstall_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/uninstall"
)

var own = corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}

func node(name string) *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{
			v1alpha1.AnnotationConfirmedAt: "2026-03-01T12:00:00Z", v1alpha1.AnnotationPrefix + "to-come": "x", "example.org/note": "kept",
		}},
		Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: "example.org/gpu", Effect: corev1.TaintEffectNoExecute}, own}},
		Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{
			{Type: v1alpha1.NodeConditionBGPPeered, Status: corev1.ConditionFalse}, {Type: corev1.NodeReady, Status: corev1.ConditionTrue},
		}},
	}
}

// cluster is one with a webhook, a policy and nodes. The calls are intercepted by funcs.
func cluster(t *testing.T, funcs interceptor.Funcs, nodes ...*corev1.Node) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	if funcs.Create == nil {
		funcs.Create = allowAll
	}
	b := fake.NewClientBuilder().WithScheme(scheme).WithInterceptorFuncs(funcs).WithStatusSubresource(&corev1.Node{}).WithObjects(
		&admissionregistrationv1.MutatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "peergate"}},
		&admissionregistrationv1.MutatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "peergate-speakers"}},
		&admissionregistrationv1.MutatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "another"}},
		&v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{Name: "default"}},
	)
	for _, n := range nodes {
		b = b.WithObjects(n)
	}
	return b.Build()
}

// allowAll answers whether a person may.
func allowAll(_ context.Context, _ client.WithWatch, o client.Object, _ ...client.CreateOption) error {
	o.(*authorizationv1.SelfSubjectAccessReview).Status.Allowed = true
	return nil
}

func run(t *testing.T, c client.Client, dryRun bool) (said []string) {
	t.Helper()
	u := &uninstall.Uninstaller{
		Client: c, Taint: own, DryRun: dryRun, Settle: 3 * time.Second, Say: func(line string) { said = append(said, line) },
	}
	if err := u.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return said
}

func TestRunLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cluster(t, interceptor.Funcs{}, node("a"), node("b"))
		said := run(t, c, false)
		slices.Sort(said[3:]) // nodes are cleaned at once
		want := []string{
			"mutatingwebhookconfiguration/peergate deleted",
			"mutatingwebhookconfiguration/peergate-speakers deleted",
			"peeringpolicy/default deleted",
			"node/a: taint, condition BGPPeered, annotation peergate.dev/confirmed-at, annotation peergate.dev/to-come removed",
			"node/b: taint, condition BGPPeered, annotation peergate.dev/confirmed-at, annotation peergate.dev/to-come removed",
		}
		if diff := cmp.Diff(want, said); diff != "" {
			t.Errorf("what was said (-want +got):\n%s", diff)
		}
		var nodes corev1.NodeList
		if err := c.List(t.Context(), &nodes); err != nil {
			t.Fatal(err)
		}
		for i := range nodes.Items {
			n := &nodes.Items[i]
			if left := uninstall.TraceOn(n, own); left.Any() {
				t.Errorf("on node %s stays: %s", n.Name, left)
			}
			others := fmt.Sprintf("%v %s %s", n.Annotations, n.Spec.Taints[0].Key, n.Status.Conditions[0].Type)
			if others != "map[example.org/note:kept] example.org/gpu Ready" {
				t.Errorf("of others, node %s has %s", n.Name, others)
			}
		}
		var another admissionregistrationv1.MutatingWebhookConfiguration
		if err := c.Get(t.Context(), client.ObjectKey{Name: "another"}, &another); err != nil {
			t.Errorf("somebody else's webhook: %v", err)
		}
	})
}

func TestDryRunChangesNothing(t *testing.T) {
	writes := 0
	c := cluster(t, interceptor.Funcs{
		Patch: func(context.Context, client.WithWatch, client.Object, client.Patch, ...client.PatchOption) error {
			writes++
			return nil
		},
	}, node("a"))
	said := run(t, c, true)
	if want := "node/a: taint, condition BGPPeered, annotation peergate.dev/confirmed-at, annotation peergate.dev/to-come would be removed"; !slices.Contains(said, want) {
		t.Errorf("it said %q, want %q among it", said, want)
	}
	var policies v1alpha1.PeeringPolicyList
	if err := c.List(t.Context(), &policies); err != nil || len(policies.Items) != 1 || writes > 0 {
		t.Errorf("%d policies are left, and %d writes were made: %v", len(policies.Items), writes, err)
	}
}

// TestAManagerThatLagsBehind writes the taint back once: it had not seen yet that the policies are gone.
func TestAManagerThatLagsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lagging := true
		c := cluster(t, interceptor.Funcs{
			SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
				if err := c.SubResource(sub).Patch(ctx, o, p, opts...); err != nil || !lagging {
					return err
				}
				lagging = false
				var n corev1.Node
				if err := c.Get(ctx, client.ObjectKeyFromObject(o), &n); err != nil {
					return err
				}
				n.Spec.Taints = append(n.Spec.Taints, own)
				return c.Update(ctx, &n)
			},
		}, node("a"))
		said := run(t, c, false)
		if want := "node/a: taint removed"; !slices.Contains(said, want) {
			t.Errorf("it said %q, want %q among it", said, want)
		}
		var n corev1.Node
		if err := c.Get(t.Context(), client.ObjectKey{Name: "a"}, &n); err != nil {
			t.Fatal(err)
		}
		if left := uninstall.TraceOn(&n, own); left.Any() {
			t.Errorf("on the node stays: %s", left)
		}
	})
}

// TestSomebodyElseWrites at the same moment: nobody's change is lost.
func TestSomebodyElseWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		competing := true
		other := corev1.Taint{Key: "example.org/other", Effect: corev1.TaintEffectNoSchedule}
		c := cluster(t, interceptor.Funcs{
			Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
				if competing {
					competing = false
					var n corev1.Node
					if err := c.Get(ctx, client.ObjectKeyFromObject(o), &n); err != nil {
						return err
					}
					n.Spec.Taints = append(n.Spec.Taints, other)
					if err := c.Update(ctx, &n); err != nil {
						return err
					}
				}
				return c.Patch(ctx, o, p, opts...)
			},
		}, node("a"))
		run(t, c, false)
		var n corev1.Node
		if err := c.Get(t.Context(), client.ObjectKey{Name: "a"}, &n); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(n.Spec.Taints, func(t corev1.Taint) bool { return t.Key == other.Key }) {
			t.Errorf("the taint that somebody else wrote is gone: %v", n.Spec.Taints)
		}
	})
}

// TestLackingRights: everything that is missing is named at once, and nothing is done by halves.
func TestLackingRights(t *testing.T) {
	c := cluster(t, interceptor.Funcs{
		Create: func(_ context.Context, _ client.WithWatch, o client.Object, _ ...client.CreateOption) error {
			review := o.(*authorizationv1.SelfSubjectAccessReview)
			review.Status.Allowed = review.Spec.ResourceAttributes.Verb != "delete"
			return nil
		},
	}, node("a"))
	u := &uninstall.Uninstaller{Client: c, Taint: own, Say: func(line string) { t.Error("it did something: ", line) }}
	err := u.Run(t.Context())
	want := "you lack the verb delete on mutatingwebhookconfigurations.admissionregistration.k8s.io, and the verb delete on " +
		"mutatingadmissionpolicybindings.admissionregistration.k8s.io, and the verb delete on peeringpolicies.peergate.dev"
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

// TestANodeThatLeaves in the middle is no error.
func TestANodeThatLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := false
		c := cluster(t, interceptor.Funcs{
			Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
				if !left {
					left = true
					if err := c.Delete(ctx, node("a")); err != nil {
						return err
					}
				}
				return c.Patch(ctx, o, p, opts...)
			},
		}, node("a"))
		run(t, c, false)
		if err := c.Get(t.Context(), client.ObjectKey{Name: "a"}, &corev1.Node{}); !apierrors.IsNotFound(err) {
			t.Errorf("reading the node that left: %v", err)
		}
	})
}

// TestManyNodes are cleaned at once, and with two requests each: in a cluster of thousands one after the other would take
// longer than anybody waits. What cannot be cleaned is named, and keeps no other node from it.
func TestManyNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many, each = 64, 20 * time.Millisecond
		var nodes []*corev1.Node
		for i := range many {
			nodes = append(nodes, node(fmt.Sprintf("n%03d", i)))
		}
		var reads atomic.Int32
		c := cluster(t, interceptor.Funcs{
			Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
				reads.Add(1)
				return c.Get(ctx, key, o, opts...)
			},
			Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
				<-time.After(each)
				if o.GetName() < "n007" {
					return errors.New("refused by another's webhook")
				}
				return c.Patch(ctx, o, p, opts...)
			},
		}, nodes...)
		said, began := 0, time.Now()
		u := &uninstall.Uninstaller{Client: c, Taint: own, Say: func(string) { said++ }}
		err := u.Run(t.Context())
		if took := time.Since(began); took > many*each/uninstall.Concurrency+each {
			t.Errorf("it took %s", took)
		}
		if want := 3 + many - 7; said != want || reads.Load() > 0 {
			t.Errorf("it said %d things, want %d, and read %d nodes", said, want, reads.Load())
		}
		if err == nil || strings.Count(err.Error(), ": refused by another's webhook\n") != 5 || !strings.HasSuffix(err.Error(), "and 2 nodes more") {
			t.Errorf("the error is %v", err)
		}
	})
}

// TestTimeIsOver: it says how much is left, and not that of each node.
func TestTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cluster(t, interceptor.Funcs{
			Patch: func(ctx context.Context, _ client.WithWatch, _ client.Object, _ client.Patch, _ ...client.PatchOption) error {
				<-ctx.Done()
				return ctx.Err()
			},
		}, node("a"), node("b"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		u := &uninstall.Uninstaller{Client: c, Taint: own, Say: func(string) {}}
		if err := u.Run(ctx); err == nil || err.Error() != "2 nodes are not clean yet: context deadline exceeded" {
			t.Errorf("the error is %v", err)
		}
	})
}
