package routerpoll_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/routerclient"
)

// TestCreatedAnew: a BGPRouter that is deleted and created while its router is being asked is never seen to be gone, and
// its generation is the first, as that of the one before. Its nodes must not be opened by the router before.
func TestCreatedAnew(t *testing.T) {
	r := newRack(t, 0)
	var connected []string
	r.Connect = func(router *v1alpha1.BGPRouter, _ *corev1.Secret) (routerclient.Client, error) {
		connected = append(connected, router.Spec.Address)
		return &obliging{rack: r, name: router.Name}, nil
	}
	before := newRouter("edge", "192.0.2.1")
	before.UID = "before"
	after := newRouter("edge", "192.0.2.2")
	after.UID = "after"
	if err := r.Client.Create(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	r.due["edge"] = r.clock.Now()
	r.run(time.Minute)
	if err := r.Client.Delete(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	if err := r.Client.Create(t.Context(), after); err != nil {
		t.Fatal(err)
	}
	answered := r.Table.Summary("edge").AskedAt
	r.due["edge"] = r.clock.Now()
	r.run(time.Second)
	if diff := cmp.Diff([]string{"192.0.2.1", "192.0.2.2"}, connected); diff != "" {
		t.Errorf("addresses connected to (-want +got):\n%s", diff)
	}
	if got := r.Table.Summary("edge").AskedAt; !got.After(answered) {
		t.Errorf("the newest answer was asked for at %s, as before", got)
	}
}
