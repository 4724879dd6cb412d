package soak_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
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
	switch {
	case fault != nil:
		return fault(ctx, command, stdout, stderr)
	case strings.Contains(command, "summary json"):
		_, _ = stdout.Write(e.summary())
	default:
		_, _ = io.WriteString(stdout, "{}\n")
	}
	return 0
}

// summary is what FRR's "show bgp vrf all summary json" prints.
func (e *edge) summary() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	peers := map[string]any{}
	for address, since := range e.up {
		peer := map[string]any{"remoteAs": 64513, "state": "Active", "pfxRcd": 0, "peerUptimeMsec": 0, "idType": "ipv4"}
		if !since.IsZero() {
			peer["state"], peer["peerUptimeMsec"] = "Established", e.clock.Since(since).Milliseconds()
		}
		peers[address] = peer
	}
	answer, err := json.Marshal(map[string]any{"default": map[string]any{"ipv4Unicast": map[string]any{
		"routerId": "192.0.2.1", "as": 64512, "vrfId": 0, "vrfName": "default", "peerCount": len(peers), "peers": peers,
		"failedPeers": 0, "displayedPeers": len(peers), "totalPeers": len(peers), "dynamicPeers": 0,
	}}})
	if err != nil {
		panic(fmt.Sprint("encoding maps and strings: ", err))
	}
	return append(answer, '\n')
}

// refuse answers as vtysh does when it may not reach the daemons.
func refuse(_ context.Context, _ string, _, stderr io.Writer) int {
	_, _ = io.WriteString(stderr, "Exiting: failed to connect to any daemons.\n")
	return 1
}
