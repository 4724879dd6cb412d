// Package waitlist holds which nodes wait for which routers, so that a router is asked often only while that helps
// somebody.
package waitlist

import (
	"slices"
	"sync"
	"time"
)

// List is a set of nodes and the routers they wait for. It is safe for concurrent use.
type List struct {
	mu sync.Mutex
	// since is when each node began to wait, by router and node.
	since map[string]map[string]time.Time
	// routers are those each node waits for.
	routers map[string][]string
	onWait  func(router string)
}

// New returns an empty list.
func New() *List {
	return &List{since: map[string]map[string]time.Time{}, routers: map[string][]string{}}
}

// OnWait sets the function that is told of each router that a node begins to wait for. It must not call the list.
func (l *List) OnWait(f func(router string)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.onWait = f
}

// Wait makes the routers those the node waits for, and no others. Where it waited already, it goes on doing so since
// the same time.
func (l *List) Wait(node string, routers []string, now time.Time) {
	l.mu.Lock()
	begun := l.set(node, routers, now)
	onWait := l.onWait
	l.mu.Unlock()
	if onWait == nil {
		return
	}
	for _, router := range begun {
		onWait(router)
	}
}

func (l *List) set(node string, routers []string, now time.Time) (begun []string) {
	for _, router := range l.routers[node] {
		if slices.Contains(routers, router) {
			continue
		}
		delete(l.since[router], node)
		if len(l.since[router]) == 0 {
			delete(l.since, router)
		}
	}
	if len(routers) == 0 {
		delete(l.routers, node)
		return nil
	}
	l.routers[node] = slices.Clone(routers)
	for _, router := range routers {
		if l.since[router] == nil {
			l.since[router] = map[string]time.Time{}
		}
		if _, ok := l.since[router][node]; !ok {
			l.since[router][node] = now
			begun = append(begun, router)
		}
	}
	return begun
}

// Since returns the nodes that began to wait for a router at a time or later, in no order.
func (l *List) Since(router string, t time.Time) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var nodes []string
	for node, since := range l.since[router] {
		if !since.Before(t) {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// Newest returns when the node began to wait that began last, and whether any waits for the router.
func (l *List) Newest(router string) (since time.Time, waiting bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.since[router] {
		if !waiting || t.After(since) {
			since, waiting = t, true
		}
	}
	return since, waiting
}
