package ledger_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/internal/ledger"
	"github.com/peergate/peergate/internal/verdict"
)

// TestChange: those who count are told of the policies whose counts are others now, each once, and of nothing else.
func TestChange(t *testing.T) {
	type policies = []string
	tests := map[string]struct {
		before, after *ledger.Entry
		want          policies
	}{
		"a node joins":             {nil, &ledger.Entry{State: verdict.Held, Policies: policies{"a"}}, policies{"a"}},
		"selected by none":         {nil, &ledger.Entry{State: verdict.Unselected}, nil},
		"nothing changes":          {&ledger.Entry{State: verdict.Held, Policies: policies{"a"}}, &ledger.Entry{State: verdict.Held, Policies: policies{"a"}}, nil},
		"only the time of a taint": {&ledger.Entry{Policies: policies{"a"}}, &ledger.Entry{Policies: policies{"a"}, TaintedSince: time.Unix(1, 0)}, nil},
		"only the state": {
			&ledger.Entry{State: verdict.Held, Policies: policies{"a", "b"}}, &ledger.Entry{State: verdict.Peered, Policies: policies{"a", "b"}},
			policies{"a", "b"},
		},
		"only the policies": {
			&ledger.Entry{State: verdict.Held, Policies: policies{"b"}}, &ledger.Entry{State: verdict.Held, Policies: policies{"a", "b"}},
			policies{"a", "b"},
		},
		"a node leaves": {&ledger.Entry{State: verdict.Held, Policies: policies{"b"}}, nil, policies{"b"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := ledger.New()
			if test.before != nil {
				l.Put("n1", *test.before) // nobody is to be told yet
			}
			var told policies
			l.OnChange(func(changed []string) { told = append(told, changed...) })
			if test.after != nil {
				l.Put("n1", *test.after)
			} else {
				l.Delete("n1")
			}
			if diff := cmp.Diff(test.want, told); diff != "" {
				t.Errorf("policies whose counts changed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	l := ledger.New()
	l.Put("n1", ledger.Entry{State: verdict.Held, Policies: []string{"a"}})
	l.Put("n1", ledger.Entry{State: verdict.Peered, Policies: []string{"a", "b"}})
	l.Put("n2", ledger.Entry{State: verdict.Unselected})
	l.Put("n3", ledger.Entry{State: verdict.Held, Policies: []string{"b"}})
	l.Delete("n3")

	if got := l.Len(); got != 2 {
		t.Errorf("%d nodes, want 2", got)
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
