package soak_test

import (
	"testing"

	"golang.org/x/crypto/ssh"
	"k8s.io/utils/clock"

	"github.com/peergate/peergate/routerclient/routertest"
)

// edge is a router that speaks FRR's words over real SSH on loopback.
type edge struct {
	*routertest.Server
	*routertest.FRRRouter
	options routertest.Options
	clock   clock.PassiveClock
}

func newEdge(t *testing.T, c clock.PassiveClock) *edge {
	t.Helper()
	e := &edge{FRRRouter: routertest.NewFRRRouter(c.Now), clock: c}
	e.options = routertest.Options{User: "peergate", HostKeys: []ssh.Signer{routertest.NewKey()}, Handler: e.Handle}
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

// set gives the router a neighbor, or brings its session up, or takes it down.
func (e *edge) set(address string, up bool) {
	e.Change(func(neighbors map[string]routertest.FRRNeighbor) {
		neighbors[address] = routertest.FRRNeighbor{State: "Active"}
		if up {
			neighbors[address] = routertest.FRRNeighbor{State: "Established", Since: e.clock.Now()}
		}
	})
}

// remove takes a neighbor away.
func (e *edge) remove(address string) {
	e.Change(func(neighbors map[string]routertest.FRRNeighbor) { delete(neighbors, address) })
}
