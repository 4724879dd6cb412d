package routertest

import (
	"context"
	"io"
	"sync"
	"time"
)

// FRRRouter is a router in FRR's words whose neighbors its test changes while it is asked. It is safe for concurrent use.
type FRRRouter struct {
	now func() time.Time

	mu        sync.Mutex
	neighbors map[string]FRRNeighbor
	instead   Handler
}

// NewFRRRouter returns a router without neighbors. Its Handle is a Handler.
func NewFRRRouter(now func() time.Time) *FRRRouter {
	return &FRRRouter{now: now, neighbors: map[string]FRRNeighbor{}}
}

// Change changes the neighbors, by address, all between two answers.
func (r *FRRRouter) Change(change func(neighbors map[string]FRRNeighbor)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r.neighbors)
}

// Answer has the router answer every command with a handler from now on; nil is the router's own words.
func (r *FRRRouter) Answer(instead Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.instead = instead
}

// Handle answers a command.
func (r *FRRRouter) Handle(ctx context.Context, command string, stdout, stderr io.Writer) int {
	r.mu.Lock()
	handler := r.instead
	r.mu.Unlock()
	if handler == nil {
		handler = FRR(r.Summary)
	}
	return handler(ctx, command, stdout, stderr)
}

// Summary is what it prints for "show bgp vrf all summary json".
func (r *FRRRouter) Summary() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return FRRSummary(r.neighbors, r.now())
}

// FRRUnavailable answers as vtysh does when it may not reach the daemons, or they are away.
func FRRUnavailable(_ context.Context, _ string, _, stderr io.Writer) int {
	_, _ = io.WriteString(stderr, "Exiting: failed to connect to any daemons.\n")
	return 1
}
