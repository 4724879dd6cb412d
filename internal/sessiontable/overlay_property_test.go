package sessiontable_test

import (
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

// TestWhatIsBelievedWasTrue lets sessions come and go, answers be late and reports be on the way, and holds what is
// believed against what has truly been.
func TestWhatIsBelievedWasTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &history{table: sessiontable.New(), now: start, turns: map[netip.Addr][]time.Time{}}
		t.Repeat(map[string]func(*rapid.T){
			"time passes":         h.timePasses,
			"a session turns":     h.sessionTurns,
			"a report arrives":    h.reportArrives,
			"the router is asked": h.routerIsAsked,
			"the answer arrives":  h.answerArrives,
			"":                    h.hold,
		})
	})
}

// node are the addresses of the node whose sessions come and go.
var node = []netip.Addr{one, two}

// history is a router, and what of it is known.
type history struct {
	table *sessiontable.Table
	now   time.Time
	// turns are when the session with each address came up and ended, by turns. All are down at first.
	turns map[netip.Addr][]time.Time
	// reports are on the way, in the order in which they were made.
	reports []statement
	// answer is on the way, or nil.
	answer *sessiontable.Answer
}

type statement struct {
	session routerclient.Session
	at      time.Time
}

func (h *history) timePasses(t *rapid.T) {
	h.now = h.now.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "seconds")) * time.Second)
	if len(h.reports) > 0 && h.now.Sub(h.reports[0].at) > onTheWay {
		h.reconnect()
	}
}

// reconnect is what becomes of a stream that stalls for longer than a report may be on the way: the router tells anew
// what is up.
func (h *history) reconnect() {
	h.reports = nil
	for _, peer := range node {
		if h.up(peer) {
			h.reports = append(h.reports, statement{h.session(peer), h.now})
		}
	}
}

func (h *history) up(peer netip.Addr) bool { return len(h.turns[peer])%2 == 1 }

func (h *history) session(peer netip.Addr) routerclient.Session {
	if h.up(peer) {
		return up(peer, h.now.Sub(h.turns[peer][len(h.turns[peer])-1]))
	}
	return closed(peer)
}

func (h *history) sessionTurns(t *rapid.T) {
	peer := rapid.SampledFrom(node).Draw(t, "peer")
	h.turns[peer] = append(h.turns[peer], h.now)
	h.reports = append(h.reports, statement{h.session(peer), h.now})
}

// reportArrives also holds that a report which the router need not be asked about says what is believed already.
func (h *history) reportArrives(t *rapid.T) {
	if len(h.reports) == 0 {
		return
	}
	said := h.reports[0].session
	r := sessiontable.Report{Session: said, HeardAt: h.now, SaidAt: h.now.Add(-onTheWay), StaleAfter: staleAfter}
	believed := verdict.Ask(h.table.Evidence("edge", []netip.Addr{said.Peer}), verdict.Node{Addresses: []netip.Addr{said.Peer}}, h.now).Outcome
	saidUp, believedUp := said.State == routerclient.Established, believed == verdict.Established
	if h.table.Redundant("edge", r) && (saidUp != believedUp || believed == verdict.Unknown) {
		t.Fatalf("%s is said to be %s, believed to be %s, and nobody asks", said.Peer, said.State, believed)
	}
	h.table.Report("edge", r)
	h.reports = h.reports[1:]
}

func (h *history) routerIsAsked(*rapid.T) {
	if h.answer != nil {
		return
	}
	snapshot := &routerclient.Snapshot{}
	for _, peer := range node {
		snapshot.Sessions = append(snapshot.Sessions, h.session(peer))
	}
	h.answer = &sessiontable.Answer{Snapshot: snapshot, VRF: routerclient.DefaultVRF, AskedAt: h.now, StaleAfter: staleAfter}
}

func (h *history) answerArrives(*rapid.T) {
	if h.answer == nil {
		return
	}
	h.answer.AnsweredAt = h.now
	h.table.Record("edge", *h.answer)
	h.answer = nil
}

// hold is true of what a node is opened for: that it had a session at some time since the router is taken to have been
// asked. A node that is said to have none had none, each address by itself, at some time since as long before that as a
// report may be on the way.
func (h *history) hold(t *rapid.T) {
	got := verdict.Ask(h.table.Evidence("edge", node), verdict.Node{Addresses: node}, h.now)
	switch got.Outcome {
	case verdict.Established:
		if !h.was(one, true, got.AskedAt) && !h.was(two, true, got.AskedAt) {
			t.Fatalf("said to have been up since %s: %v", got.AskedAt.Sub(start), h.turns)
		}
	case verdict.NotEstablished:
		for _, peer := range node {
			if !h.was(peer, false, got.AskedAt.Add(-onTheWay)) {
				t.Fatalf("%s said to have been down since %s: %v", peer, got.AskedAt.Sub(start), h.turns)
			}
		}
	}
}

// was is true if a session was up, or down, at any time since.
func (h *history) was(peer netip.Addr, wantUp bool, since time.Time) bool {
	isUp := false
	for _, turn := range h.turns[peer] {
		if !turn.Before(since) && isUp == wantUp {
			return true
		}
		isUp = !isUp
	}
	return isUp == wantUp
}
