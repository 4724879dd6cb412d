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

	"github.com/peergate/peergate/api/v1alpha1"
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

// run runs test with a Recorder, in a bubble of package synctest: its time is a fake clock's, and a sleep takes none.
func run(t *testing.T, test func(r *eventpace.Recorder, got *recorded)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		scheme := runtime.NewScheme()
		if err := corev1.AddToScheme(scheme); err != nil {
			t.Fatal(err)
		}
		got := &recorded{start: time.Now()}
		r := eventpace.New(got, scheme)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = r.Start(ctx) }()
		test(r, got)
		cancel()
		synctest.Wait()
	})
}

// release records one Event about a node, and returns its note.
func release(r *eventpace.Recorder, i int) string {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("node-", i), UID: "1"}}
	r.Eventf(node, nil, corev1.EventTypeNormal, "SessionEstablished", "Release", "%d%% of %s", 100, node.Name)
	return "100% of " + node.Name
}

func (r *recorded) count() int {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.notes)
}

// TestStorm has 100 nodes a second released for ten seconds: nearly all of their Events come after that.
func TestStorm(t *testing.T) {
	run(t, func(r *eventpace.Recorder, got *recorded) {
		const storm = 1000
		var want []string
		for i := range storm {
			want = append(want, release(r, i))
			time.Sleep(10 * time.Millisecond)
		}
		if n := got.count(); n < 50 || n > 80 {
			t.Errorf("%d Events were recorded while the storm went on", n)
		}
		time.Sleep(time.Minute)
		if n := got.count(); n != storm {
			t.Fatalf("%d Events of %d were recorded", n, storm)
		}
		if diff := cmp.Diff(want, got.notes); diff != "" {
			t.Errorf("recorded (-want +got):\n%s", diff)
		}
		if last := got.after[storm-1]; last < 50*time.Second || last > time.Minute {
			t.Errorf("the last of %d Events was recorded %s after the first", storm, last)
		}
		reference := &corev1.ObjectReference{Kind: "Node", APIVersion: "v1", Name: fmt.Sprint("node-", storm-1), UID: "1"}
		if diff := cmp.Diff(runtime.Object(reference), got.about[storm-1]); diff != "" {
			t.Errorf("the last Event is about (-want +got):\n%s", diff)
		}
	})
}

// TestFewNodes has as many as join in most clusters: all Events are there at once, also where others come for ever.
func TestFewNodes(t *testing.T) {
	run(t, func(r *eventpace.Recorder, got *recorded) {
		for i := range 50 {
			release(r, i)
		}
		if n := got.count(); n != 50 {
			t.Errorf("%d Events of 50 were recorded at once", n)
		}
		for i := range 300 {
			time.Sleep(time.Second / 10)
			release(r, i)
		}
		time.Sleep(time.Second)
		if n := got.count(); n != 350 {
			t.Errorf("%d Events of 350, the last ten a second, were recorded", n)
		}
	})
}

// TestAfterStorm has a storm after which some Events come for ever: it is over, and what waits is recorded meanwhile.
func TestAfterStorm(t *testing.T) {
	run(t, func(r *eventpace.Recorder, got *recorded) {
		for i := range 200 {
			release(r, i)
		}
		for i := range 300 {
			time.Sleep(time.Second / 10)
			release(r, i)
		}
		if n := got.count(); n < 499 {
			t.Errorf("%d Events of 500 were recorded, half a minute after the storm", n)
		}
	})
}

// TestNotNodes has the Event of a policy's guard in the middle of a storm: it is what says what goes on.
func TestNotNodes(t *testing.T) {
	run(t, func(r *eventpace.Recorder, got *recorded) {
		for i := range 1000 {
			release(r, i)
		}
		before := got.count()
		r.Eventf(&v1alpha1.PeeringPolicy{}, nil, corev1.EventTypeWarning, "DisruptionGuard", "Guard", "tripped")
		if n := got.count(); n != before+1 || got.notes[before] != "tripped" {
			t.Errorf("%d Events were recorded before, %d after; the last is %q", before, n, got.notes[n-1])
		}
	})
}
