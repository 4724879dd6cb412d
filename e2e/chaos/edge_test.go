package chaos_test

import (
	"context"
	"io"
	"maps"
	"sync"
	"time"

	"github.com/peergate/peergate/e2e/controlplane/freeport"
	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/routerclient/routertest"
)

// edge is a router that keeps what it has answered.
type edge struct {
	*story.Router
	answers answers

	mu          sync.Mutex
	established map[string]bool
}

// newEdge starts a router on a port that nobody takes while it is away.
func newEdge(s *story.Story) *edge {
	s.Helper()
	address, err := freeport.Loopback()
	if err != nil {
		s.Fatal(err)
	}
	e := &edge{Router: s.NewRouter(), established: map[string]bool{}}
	e.Restart(s, func(o *routertest.Options) { o.Addr = address.String() })
	e.misbehave(nil)
	return e
}

// set brings the session of an address up, or takes it down.
func (e *edge) set(address string, up bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if known, ok := e.established[address]; ok && known == up {
		return
	}
	next := maps.Clone(e.established)
	next[address] = up
	e.established = next
	state := "Active"
	if up {
		state = "Established"
	}
	e.Set(address, state)
}

// up is whether the session of an address is Established.
func (e *edge) up(address string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.established[address]
}

// misbehave has the router answer every question with the fault; nil ends it.
func (e *edge) misbehave(fault routertest.Handler) {
	if fault == nil {
		fault = routertest.FRR(e.summary)
	}
	e.Answer(fault)
}

func (e *edge) summary() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answers.record(time.Now(), e.established)
	return e.Summary()
}

// cutShort answers with the first half of the truth.
func (e *edge) cutShort(_ context.Context, _ string, stdout, _ io.Writer) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	answer := e.Summary()
	_, _ = stdout.Write(answer[:len(answer)/2])
	return 0
}

// miscount answers with fewer neighbors than it says that there are.
func (e *edge) miscount(_ context.Context, _ string, stdout, _ io.Writer) int {
	_, _ = io.WriteString(stdout, `{"default":{"ipv4Unicast":{"routerId":"192.0.2.1","as":64512,"vrfId":0,"vrfName":"default",`+
		`"peerCount":7,"peers":{},"failedPeers":0,"displayedPeers":7,"totalPeers":7,"dynamicPeers":0}}}`+"\n")
	return 0
}
