package eventpace_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/peergate/peergate/internal/eventpace"
)

// recorded is what was recorded, and how long after the start.
type recorded struct {
	start time.Time

	mu    sync.Mutex
	notes []string
	after []time.Duration
	about []runtime.Object
}

func (r *recorded) Eventf(regarding, _ runtime.Object, _, _, _, note string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes, r.after = append(r.notes, fmt.Sprintf(note, args...)), append(r.after, time.Since(r.start))
	r.about = append(r.about, regarding)
}

func TestStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scheme := runtime.NewScheme()
		if err := corev1.AddToScheme(scheme); err != nil {
			t.Fatal(err)
		}
		got := &recorded{start: time.Now()}
		r := eventpace.New(got, scheme)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = r.Start(ctx) }()

		const storm = 1000
		var want []string
		for i := range storm {
			node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("node-", i), UID: "1"}}
			r.Eventf(node, nil, corev1.EventTypeNormal, "SessionEstablished", "Release", "%d%% of %s", 100, node.Name)
			want = append(want, "100% of "+node.Name)
		}
		got.mu.Lock()
		if len(got.notes) < 50 || len(got.notes) > 150 {
			t.Errorf("%d Events were recorded at once", len(got.notes))
		}
		got.mu.Unlock()
		time.Sleep(time.Minute) // of the test's own time
		cancel()
		synctest.Wait()
		if diff := cmp.Diff(want, got.notes); diff != "" {
			t.Errorf("recorded (-want +got):\n%s", diff)
		}
		if last := got.after[storm-1]; last < 30*time.Second || last > 50*time.Second {
			t.Errorf("the last of %d Events was recorded %s after the first", storm, last)
		}
		reference := &corev1.ObjectReference{Kind: "Node", APIVersion: "v1", Name: fmt.Sprint("node-", storm-1), UID: "1"}
		if diff := cmp.Diff(runtime.Object(reference), got.about[storm-1]); diff != "" {
			t.Errorf("the last Event is about (-want +got):\n%s", diff)
		}
	})
}
