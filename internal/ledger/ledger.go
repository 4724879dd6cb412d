// Package ledger holds what became of each node, for those who count: metrics and the status of policies.
package ledger

import (
	"slices"
	"sync"
	"time"

	"github.com/peergate/peergate/internal/verdict"
)

// Entry is what became of one node.
type Entry struct {
	State verdict.State
	// Policies are the names of those that select the node.
	Policies []string
	// TaintedSince is when the taint was added, or the zero time if the node is without.
	TaintedSince time.Time
}

// Ledger is what became of each node. It is safe for concurrent use.
type Ledger struct {
	mu       sync.Mutex
	nodes    map[string]Entry
	onChange func(policies []string)
}

// New returns an empty ledger.
func New() *Ledger {
	return &Ledger{nodes: map[string]Entry{}}
}

// OnChange sets the function that is told of the policies whose counts have changed. It must not call the ledger.
func (l *Ledger) OnChange(f func(policies []string)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.onChange = f
}

// Put sets what became of a node.
func (l *Ledger) Put(node string, e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old, known := l.nodes[node]
	l.nodes[node] = e
	if known && old.State == e.State && slices.Equal(old.Policies, e.Policies) {
		return
	}
	l.changed(old.Policies, e.Policies)
}

// Delete drops a node.
func (l *Ledger) Delete(node string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.nodes[node]
	delete(l.nodes, node)
	l.changed(old.Policies)
}

func (l *Ledger) changed(policies ...[]string) {
	if l.onChange == nil {
		return
	}
	all := slices.Concat(policies...)
	slices.Sort(all)
	if all = slices.Compact(all); len(all) > 0 {
		l.onChange(all)
	}
}

// Len is the number of nodes.
func (l *Ledger) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.nodes)
}

// States counts all nodes by state.
func (l *Ledger) States() map[verdict.State]int {
	return l.count(func(Entry) bool { return true })
}

// StatesOf counts the nodes that a policy selects by state.
func (l *Ledger) StatesOf(policy string) map[verdict.State]int {
	return l.count(func(e Entry) bool { return slices.Contains(e.Policies, policy) })
}

// OldestTaint is when the taint was added to the node that has it for longest, by the state of the node.
func (l *Ledger) OldestTaint() map[verdict.State]time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	oldest := map[verdict.State]time.Time{}
	for _, e := range l.nodes {
		if e.TaintedSince.IsZero() {
			continue
		}
		if first, ok := oldest[e.State]; !ok || e.TaintedSince.Before(first) {
			oldest[e.State] = e.TaintedSince
		}
	}
	return oldest
}

func (l *Ledger) count(counts func(Entry) bool) map[verdict.State]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	states := map[verdict.State]int{}
	for _, e := range l.nodes {
		if counts(e) {
			states[e.State]++
		}
	}
	return states
}
