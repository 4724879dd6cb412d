package report_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/report"
)

// reader is an API server with the objects, whose answer to a list is an error where fail says so.
func reader(t *testing.T, fail func(client.ObjectList) error, objects ...client.Object) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithIndex(&eventsv1.Event{}, "regarding.name", func(o client.Object) []string { return []string{o.(*eventsv1.Event).Regarding.Name} }).
		WithInterceptorFuncs(interceptor.Funcs{
			List: func(ctx context.Context, c client.WithWatch, into client.ObjectList, options ...client.ListOption) error {
				if fail != nil {
					if err := fail(into); err != nil {
						return err
					}
				}
				return c.List(ctx, into, options...)
			},
		}).Build()
}

func TestGather(t *testing.T) {
	edge, byDefault := router("edge"), policy("default")
	leviathan := node("leviathan3", tainted(0))
	held := lease(0)
	held.Namespace, held.Name = "peergate-system", report.LeaseName
	c, err := report.Gather(t.Context(), reader(t, nil, &edge, &byDefault, &leviathan, held), "peergate-system", own)
	if err != nil {
		t.Fatal(err)
	}
	s := c.Status(now)
	if len(s.Routers) != 1 || len(s.Policies) != 1 || s.Nodes.Held != 1 || !s.Leader.Leads() {
		t.Errorf("gathered %+v", s)
	}
}

// backwards lists objects the other way round: a cache lists them in any order.
type backwards struct{ client.Reader }

func (b backwards) List(ctx context.Context, into client.ObjectList, options ...client.ListOption) error {
	if err := b.Reader.List(ctx, into, options...); err != nil {
		return err
	}
	items, err := meta.ExtractList(into)
	if err != nil {
		return err
	}
	slices.Reverse(items)
	return meta.SetList(into, items)
}

// TestGatherInOrder: the lines of a live view stay where they are.
func TestGatherInOrder(t *testing.T) {
	var objects []client.Object
	for _, name := range []string{"a", "b", "c"} {
		r, p, n := router(name), policy(name), node(name)
		objects = append(objects, &r, &p, &n)
	}
	c, err := report.Gather(t.Context(), backwards{reader(t, nil, objects...)}, "peergate-system", own)
	if err != nil {
		t.Fatal(err)
	}
	var order strings.Builder
	for i := range c.Nodes {
		order.WriteString(c.Nodes[i].Name + c.Routers[i].Name + c.Policies[i].Name + " ")
	}
	if got := order.String(); got != "aaa bbb ccc " {
		t.Errorf("nodes, routers and policies are in the order %s", got)
	}
}

// TestGatherRefused: every right that is missing is named, in one error.
func TestGatherRefused(t *testing.T) {
	refuse := func(into client.ObjectList) error {
		if _, nodes := into.(*corev1.NodeList); nodes {
			return nil
		}
		return apierrors.NewForbidden(schema.GroupResource{}, "", errors.New("no"))
	}
	_, err := report.Gather(t.Context(), reader(t, refuse), "peergate-system", own)
	want := "you lack the verb list on bgprouters.peergate.dev (ClusterRole peergate-cli has it), and the verb list on peeringpolicies.peergate.dev (ClusterRole peergate-cli has it)"
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestGatherFails(t *testing.T) {
	tests := map[string]struct {
		err  error
		want string
	}{
		"not installed": {&meta.NoKindMatchError{}, "listing bgprouters.peergate.dev: the API server does not know them; is Peergate installed?"},
		"unreachable":   {errors.New("no route to host"), "listing bgprouters: no route to host"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := report.Gather(t.Context(), reader(t, func(client.ObjectList) error { return test.err }), "peergate-system", own)
			if err == nil || err.Error() != test.want {
				t.Errorf("the error is %v, want %s", err, test.want)
			}
		})
	}
}

// TestEventsOf a node: the manager's own, and the newest last.
func TestEventsOf(t *testing.T) {
	event := func(name, kind, of, by string, age time.Duration) *eventsv1.Event {
		return &eventsv1.Event{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Reason: name, ReportingController: by,
			Regarding: corev1.ObjectReference{Kind: kind, Name: of}, EventTime: metav1.NewMicroTime(now.Add(-age)),
		}
	}
	c := reader(t, nil,
		event("newer", "Node", "leviathan3", "peergate", time.Minute),
		event("older", "Node", "leviathan3", "peergate", time.Hour),
		event("of-a-kubelet", "Node", "leviathan3", "kubelet", 0),
		event("of-a-router", "BGPRouter", "leviathan3", "peergate", 0),
		event("of-another", "Node", "leviathan4", "peergate", 0),
	)
	events, err := report.EventsOf(t.Context(), c, "leviathan3")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range events {
		got = append(got, e.Reason)
	}
	if diff := cmp.Diff([]string{"older", "newer"}, got); diff != "" {
		t.Errorf("Events (-want +got):\n%s", diff)
	}
}
