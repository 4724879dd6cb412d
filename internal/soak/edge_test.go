package soak_test

import (
	"context"
	"io"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"k8s.io/utils/clock"

	"github.com/peergate/peergate/routerclient/routertest"
)

// edge is a router that speaks FRR's words over real SSH on loopback.
type edge struct {
	*routertest.Server
	options routertest.Options
	clock   clock.PassiveClock

	mu sync.Mutex
	// up is since when each neighbor is Established; zero for one that is down.
	up map[string]time.Time
	// fault answers in the router's place, if it is not nil.
	fault routertest.Handler
}

func newEdge(t *testing.T, c clock.PassiveClock) *edge {
	t.Helper()
	e := &edge{clock: c, up: map[string]time.Time{}}
	e.options = routertest.Options{User: "peergate", HostKeys: []ssh.Signer{routertest.NewKey()}, Handler: e.answer}
	e.start(t)
	t.Cleanup(func() { e.Close() })
	return e
}

func (e *edge) start(t *testing.T) {
	t.Helper()
	server, err := routertest.Start(e.options)
	if err != nil {
		t.Fatal(err)
	}
	e.Server, e.options.Addr = server, server.Addr()
}

// reboot breaks all connections, and forgets what the server has recorded of them.
func (e *edge) reboot(t *testing.T) {
	t.Helper()
	e.Close()
	e.start(t)
}

func (e *edge) set(address string, up bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.up[address] = time.Time{}
	if up {
		e.up[address] = e.clock.Now()
	}
}

// remove takes a neighbor away.
func (e *edge) remove(address string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.up, address)
}

// misbehave has the router answer every command with the fault; nil ends it.
func (e *edge) misbehave(fault routertest.Handler) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault = fault
}

func (e *edge) answer(ctx context.Context, command string, stdout, stderr io.Writer) int {
	e.mu.Lock()
	fault := e.fault
	e.mu.Unlock()
	if fault == nil {
		fault = routertest.FRR(e.summary)
	}
	return fault(ctx, command, stdout, stderr)
}

// summary is what FRR's "show bgp vrf all summary json" prints.
func (e *edge) summary() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	neighbors := map[string]routertest.FRRNeighbor{}
	for address, since := range e.up {
		neighbors[address] = routertest.FRRNeighbor{State: "Active"}
		if !since.IsZero() {
			neighbors[address] = routertest.FRRNeighbor{State: "Established", Since: since}
		}
	}
	return routertest.FRRSummary(neighbors, e.clock.Now())
}

// refuse answers as vtysh does when it may not reach the daemons.
func refuse(_ context.Context, _ string, _, stderr io.Writer) int {
	_, _ = io.WriteString(stderr, "Exiting: failed to connect to any daemons.\n")
	return 1
}
