package policystatus

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/peergate/peergate/api/v1alpha1"
)

// guards is how many policies have a metric of their guard.
func guards(t *testing.T) int {
	t.Helper()
	n, err := testutil.GatherAndCount(ctrlmetrics.Registry, "peergate_policy_guard_tripped")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPolicyDeleted: an alert about its guard ends, and of the next policy of its name the guard is told again.
func TestPolicyDeleted(t *testing.T) {
	d := newDesk(t)
	*d.census = counted{Nodes: 10, Unpeered: 6, Trips: true}
	policy, _ := d.reconcile()
	if got := guards(t); got != 1 {
		t.Fatalf("%d policies have a metric", got)
	}
	first := d.told()
	if err := d.Client.Delete(t.Context(), &policy); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reconcile(t.Context(), request("default")); err != nil {
		t.Fatal(err)
	}
	if got := guards(t); got != 0 {
		t.Errorf("%d policies have a metric once there is none", got)
	}
	again := &v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{Name: "default", UID: types.UID("another")}, Spec: policy.Spec}
	if err := d.Client.Create(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	d.reconcile()
	if diff := cmp.Diff(first, d.told()); diff != "" {
		t.Errorf("Events about the next policy of the name (-first +next):\n%s", diff)
	}
}

// TestFailures: what could not be read or written is tried again.
func TestFailures(t *testing.T) {
	errAway := errors.New("the API server is away")
	for name, broken := range map[string]interceptor.Funcs{
		"reading the policy": {Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
			return errAway
		}},
		"listing nodes": {List: func(context.Context, client.WithWatch, client.ObjectList, ...client.ListOption) error { return errAway }},
		"writing the status": {SubResourcePatch: func(context.Context, client.Client, string, client.Object, client.Patch, ...client.SubResourcePatchOption) error {
			return errAway
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			*d.census = counted{Nodes: 10, Unpeered: 6, Trips: true}
			d.Client = interceptor.NewClient(d.Client.(client.WithWatch), broken)
			if _, err := d.Reconcile(t.Context(), request("default")); !errors.Is(err, errAway) {
				t.Errorf("got %v", err)
			}
			if told := d.told(); len(told) > 0 {
				t.Errorf("told of what was not written: %v", told)
			}
		})
	}
}
