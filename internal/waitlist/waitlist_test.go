package waitlist_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/internal/waitlist"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestList(t *testing.T) {
	l := waitlist.New()
	var begun []string
	l.OnWait(func(router string) { begun = append(begun, router) })

	l.Wait("n1", []string{"a", "b"}, start)
	l.Wait("n2", []string{"a"}, start.Add(time.Minute))
	l.Wait("n1", []string{"b", "c"}, start.Add(time.Hour))

	if diff := cmp.Diff([]string{"a", "b", "a", "c"}, begun); diff != "" {
		t.Errorf("routers that somebody began to wait for (-want +got):\n%s", diff)
	}
	waiting := map[string][]string{}
	for _, router := range []string{"a", "b", "c", "d"} {
		waiting[router] = slices.Sorted(slices.Values(l.Since(router, time.Time{})))
	}
	want := map[string][]string{"a": {"n2"}, "b": {"n1"}, "c": {"n1"}, "d": nil}
	if diff := cmp.Diff(want, waiting); diff != "" {
		t.Errorf("who waits (-want +got):\n%s", diff)
	}
	l.Wait("n3", []string{"a"}, start.Add(time.Hour))
	for after, want := range map[time.Duration]int{0: 2, time.Minute: 2, time.Minute + 1: 1, time.Hour + 1: 0} {
		if got := l.Since("a", start.Add(after)); len(got) != want {
			t.Errorf("since %s after the start, %v wait for a", after, got)
		}
	}
	l.Wait("n3", nil, start)
	if since, _ := l.Newest("b"); !since.Equal(start) {
		t.Errorf("n1 waits for b since %s, want %s: to wait on is not to begin", since, start)
	}
	l.Wait("n1", nil, start)
	l.Wait("n2", nil, start)
	for _, router := range []string{"a", "b", "c"} {
		if _, waiting := l.Newest(router); waiting {
			t.Errorf("somebody waits for %s after all have gone", router)
		}
	}
}
