package ledger_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/internal/ledger"
	"github.com/peergate/peergate/internal/verdict"
)

func TestLedger(t *testing.T) {
	l := ledger.New()
	var told [][]string
	l.OnChange(func(policies []string) { told = append(told, policies) })

	l.Put("n1", ledger.Entry{State: verdict.Held, Policies: []string{"a"}})
	l.Put("n1", ledger.Entry{State: verdict.Held, Policies: []string{"a"}})
	l.Put("n1", ledger.Entry{State: verdict.Peered, Policies: []string{"a", "b"}})
	l.Put("n2", ledger.Entry{State: verdict.Unselected})
	l.Put("n3", ledger.Entry{State: verdict.Held, Policies: []string{"b"}})
	l.Delete("n3")

	want := [][]string{{"a"}, {"a", "b"}, {"b"}, {"b"}}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("policies whose counts changed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[verdict.State]int{verdict.Peered: 1, verdict.Unselected: 1}, l.States()); diff != "" {
		t.Errorf("all nodes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[verdict.State]int{verdict.Peered: 1}, l.StatesOf("b")); diff != "" {
		t.Errorf("nodes of policy b (-want +got):\n%s", diff)
	}
}

func TestOldestTaint(t *testing.T) {
	noon := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	l := ledger.New()
	l.Put("n1", ledger.Entry{State: verdict.Held, TaintedSince: noon})
	l.Put("n2", ledger.Entry{State: verdict.Held, TaintedSince: noon.Add(-time.Hour)})
	l.Put("n3", ledger.Entry{State: verdict.Lost, TaintedSince: noon.Add(-2 * time.Hour)})
	l.Put("n4", ledger.Entry{State: verdict.Peered})

	want := map[verdict.State]time.Time{verdict.Held: noon.Add(-time.Hour), verdict.Lost: noon.Add(-2 * time.Hour)}
	if diff := cmp.Diff(want, l.OldestTaint()); diff != "" {
		t.Errorf("oldest taints (-want +got):\n%s", diff)
	}
	// The state stays, the taint is another: somebody took it off, and the controller put it back.
	l.Put("n2", ledger.Entry{State: verdict.Held, TaintedSince: noon.Add(time.Minute)})
	if got := l.OldestTaint()[verdict.Held]; !got.Equal(noon) {
		t.Errorf("the oldest taint is of %s, want that of n1, %s", got, noon)
	}
}
