package ledger_test

import (
	"testing"

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
