package routerpoll_test

import (
	"context"
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/routerclient"
)

// busy is a router that takes its time: something happens before it answers.
type busy struct {
	*obliging
	meanwhile func()
}

func (b *busy) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	b.meanwhile()
	return b.obliging.Snapshot(ctx)
}

// meanwhile has something happen during the first poll.
func (r *rack) meanwhile(happens func()) {
	r.Connect = func(router *v1alpha1.BGPRouter, _ *corev1.Secret) (routerclient.Client, error) {
		first := &busy{&obliging{rack: r, name: router.Name}, func() {}}
		if len(r.asked) == 0 {
			first.meanwhile = happens
		}
		return first, nil
	}
}

// TestEditedDuringPoll: an answer that comes after the question was changed is that of another router, or about another VRF.
func TestEditedDuringPoll(t *testing.T) {
	r := newRack(t, 1)
	start := r.clock.Now()
	edited := false
	r.meanwhile(func() {
		r.takes = time.Second
		var router v1alpha1.BGPRouter
		if err := r.Client.Get(t.Context(), types.NamespacedName{Name: "edge-000"}, &router); err != nil {
			t.Fatal(err)
		}
		router.Spec.VRF, router.Generation, edited = "red", 2, true
		if err := r.Client.Update(t.Context(), &router); err != nil {
			t.Fatal(err)
		}
	})
	r.run(time.Second)
	if !edited {
		t.Fatal("the router was not asked")
	}
	if at := r.Table.Summary("edge-000").AskedAt; !at.IsZero() {
		t.Errorf("an answer to what was asked %s after the start is in the table", at.Sub(start))
	}
	r.run(2 * time.Second)
	if at := r.Table.Summary("edge-000").AskedAt; !at.After(start) || at.Sub(start) > 2*time.Second {
		t.Errorf("asked anew %s after the start, want at once", at.Sub(start))
	}
}

// TestDeletedDuringPoll: nothing is left of a router that is deleted while it is asked, and no error is logged.
func TestDeletedDuringPoll(t *testing.T) {
	for name, meanwhile := range map[string]func(r *rack){
		"before the answer": func(r *rack) {
			r.meanwhile(func() { r.delete("edge-000") })
		},
		"before its status is written": func(r *rack) {
			r.Client = interceptor.NewClient(r.Client.(client.WithWatch), interceptor.Funcs{SubResourcePatch: func(
				ctx context.Context, c client.Client, name string, o client.Object, patch client.Patch, opts ...client.SubResourcePatchOption,
			) error {
				r.delete("edge-000")
				return c.SubResource(name).Patch(ctx, o, patch, opts...)
			}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRack(t, 1)
			meanwhile(r)
			r.run(time.Minute)
			if at := r.Table.Summary("edge-000").AskedAt; !at.IsZero() {
				t.Error("the answer of a router that is deleted is in the table")
			}
			if got := len(r.asked["edge-000"]); got != 1 {
				t.Errorf("asked %d times, want once", got)
			}
		})
	}
}

func (r *rack) delete(router string) {
	r.Helper()
	if err := r.Client.Delete(r.Context(), newRouter(router, "192.0.2.1")); err != nil {
		r.Fatal(err)
	}
}

// TestStatusCannotBeWritten: while the API server takes no writes, routers are asked as ever, and what changed is written
// soon after.
func TestStatusCannotBeWritten(t *testing.T) {
	r := newRack(t, 1)
	away := true
	r.Client = interceptor.NewClient(r.Client.(client.WithWatch), interceptor.Funcs{SubResourcePatch: func(
		ctx context.Context, c client.Client, name string, o client.Object, patch client.Patch, opts ...client.SubResourcePatchOption,
	) error {
		if away {
			return errors.New("connection refused")
		}
		return c.SubResource(name).Patch(ctx, o, patch, opts...)
	}})
	r.run(10 * time.Minute)
	if got := len(r.asked["edge-000"]); got < 20 || got > 25 {
		t.Errorf("asked %d times in ten minutes, want every %s", got, interval)
	}
	away = false
	r.run(interval)
	var router v1alpha1.BGPRouter
	if err := r.Client.Get(t.Context(), types.NamespacedName{Name: "edge-000"}, &router); err != nil {
		t.Fatal(err)
	}
	if !meta.IsStatusConditionTrue(router.Status.Conditions, v1alpha1.ConditionReachable) {
		t.Error("the status is not written after the API server is back")
	}
}
