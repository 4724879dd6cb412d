package sessiontable_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

var (
	start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	one   = netip.MustParseAddr("192.168.3.31")
	two   = netip.MustParseAddr("192.168.3.32")
	three = netip.MustParseAddr("192.168.3.33")
)

const staleAfter = 90 * time.Second

// watched is a table that keeps the changes it tells of.
type watched struct {
	*sessiontable.Table
	changes []sessiontable.Change
}

func newTable() *watched {
	w := &watched{Table: sessiontable.New()}
	w.OnChange(func(c sessiontable.Change) {
		slices.SortFunc(c.Peers, netip.Addr.Compare)
		w.changes = append(w.changes, c)
	})
	return w
}

// told returns the changes since the last call.
func (w *watched) told() []sessiontable.Change {
	changes := w.changes
	w.changes = nil
	return changes
}

// answer records sessions that were asked for some time after the start, and arrived at once.
func (w *watched) answer(after time.Duration, sessions ...routerclient.Session) {
	w.Record("edge", sessiontable.Answer{
		Snapshot: &routerclient.Snapshot{LocalASN: 64512, Sessions: sessions},
		VRF:      routerclient.DefaultVRF, AskedAt: start.Add(after), AnsweredAt: start.Add(after), StaleAfter: staleAfter,
	})
}

func (w *watched) fail(after time.Duration, message string) {
	w.Fail("edge", verdict.Failure{Reason: routerclient.ReasonUnreachable, Message: message}, start.Add(after))
}

func session(peer netip.Addr, state routerclient.State, uptime time.Duration) routerclient.Session {
	return routerclient.Session{VRF: routerclient.DefaultVRF, Peer: peer, State: state, Uptime: uptime}
}

func up(peer netip.Addr, uptime time.Duration) routerclient.Session {
	return session(peer, routerclient.Established, uptime)
}

func down(peer netip.Addr) routerclient.Session { return session(peer, routerclient.Active, 0) }

func TestChanges(t *testing.T) {
	everything := []sessiontable.Change{{Router: "edge", Everything: true}}
	nothing := []sessiontable.Change{{Router: "edge"}}
	peers := func(addrs ...netip.Addr) []sessiontable.Change {
		return []sessiontable.Change{{Router: "edge", Before: start, Peers: addrs}}
	}
	tests := map[string]struct {
		before func(*watched)
		do     func(*watched)
		want   []sessiontable.Change
	}{
		"first answer": {func(*watched) {}, func(w *watched) { w.answer(0, down(one)) }, everything},
		"the same again, half a minute later": {
			func(w *watched) { w.answer(0, up(one, time.Hour), down(two)) },
			func(w *watched) { w.answer(30*time.Second, up(one, time.Hour+30*time.Second), down(two)) }, peers(),
		},
		"the same again, of a session so old that its uptime has no seconds": {
			func(w *watched) { w.answer(0, up(one, 26*time.Hour), down(two)) },
			func(w *watched) { w.answer(30*time.Second, up(one, 26*time.Hour), down(two)) }, peers(),
		},
		"one comes up": {
			func(w *watched) { w.answer(0, down(one), down(two)) },
			func(w *watched) { w.answer(time.Second, up(one, 0), down(two)) }, peers(one),
		},
		"one goes, one is new": {
			func(w *watched) { w.answer(0, down(one), down(two)) },
			func(w *watched) { w.answer(time.Second, down(two), down(three)) }, peers(one, three),
		},
		"one went down and came back between two polls": {
			func(w *watched) { w.answer(0, up(one, time.Hour)) },
			func(w *watched) { w.answer(30*time.Second, up(one, 5*time.Second)) },
			[]sessiontable.Change{{Router: "edge", Before: start, Peers: []netip.Addr{one}, Losses: 1}},
		},
		"the answer before was stale": {
			func(w *watched) { w.answer(0, down(one)) },
			func(w *watched) { w.answer(staleAfter+time.Second, down(one)) }, everything,
		},
		"a failure while the answer is fresh": {
			func(w *watched) { w.answer(0, down(one)) }, func(w *watched) { w.fail(staleAfter, "refused") }, nothing,
		},
		"a failure that finds the answer stale": {
			func(w *watched) { w.answer(0, down(one)) }, func(w *watched) { w.fail(staleAfter+1, "refused") }, everything,
		},
		"the same failure again": {
			func(w *watched) { w.answer(0, down(one)); w.fail(staleAfter+1, "refused") },
			func(w *watched) { w.fail(2*staleAfter, "refused") }, nothing,
		},
		"another failure": {
			func(w *watched) { w.answer(0, down(one)); w.fail(staleAfter+1, "refused") },
			func(w *watched) { w.fail(2*staleAfter, "reset") }, everything,
		},
		"an answer after a short failure": {
			func(w *watched) { w.answer(0, down(one)); w.fail(time.Second, "refused") },
			func(w *watched) { w.answer(2*time.Second, down(one)) }, peers(),
		},
		"forgotten":          {func(w *watched) { w.answer(0) }, func(w *watched) { w.Forget("edge") }, everything},
		"forgotten, unknown": {func(*watched) {}, func(w *watched) { w.Forget("edge") }, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newTable()
			test.before(w)
			w.told()
			test.do(w)
			if diff := cmp.Diff(test.want, w.told(), cmpopts.EquateComparable(netip.Addr{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEvidence(t *testing.T) {
	w := newTable()
	unnumbered := routerclient.Session{VRF: "default", Interface: "eth1", PeerRouterID: three, State: routerclient.Established}
	elsewhere := up(two, time.Hour)
	elsewhere.VRF = "red"
	w.Record("edge", sessiontable.Answer{
		Snapshot: &routerclient.Snapshot{
			Sessions: []routerclient.Session{up(one, time.Hour), elsewhere, unnumbered},
			ListenRanges: []routerclient.ListenRange{
				{VRF: "default", Prefix: netip.MustParsePrefix("10.0.0.0/8")},
				{VRF: "red", Prefix: netip.MustParsePrefix("172.16.0.0/12")},
			},
		},
		VRF: "default", AskedAt: start, AnsweredAt: start.Add(time.Second), StaleAfter: staleAfter,
	})
	tests := map[string]struct {
		address     string
		sessions    int
		listenRange bool
	}{
		"a neighbor":                               {"192.168.3.31", 1, false},
		"a neighbor in another VRF":                {"192.168.3.32", 0, false},
		"an unnumbered neighbor, by its router ID": {"192.168.3.33", 1, false},
		"nobody":                        {"192.168.3.34", 0, false},
		"in a listen range":             {"10.1.2.3", 0, true},
		"in another VRF's listen range": {"172.16.0.1", 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := w.Evidence("edge", []netip.Addr{netip.MustParseAddr(test.address)})
			if len(e.Sessions) != test.sessions || e.ListenRange != test.listenRange {
				t.Errorf("evidence on %s: %d sessions, listen range %v; want %d, %v",
					test.address, len(e.Sessions), e.ListenRange, test.sessions, test.listenRange)
			}
		})
	}
	if e := w.Evidence("edge", []netip.Addr{one}); !e.Sessions[0].EstablishedSince.Equal(start.Add(time.Second - time.Hour)) {
		t.Errorf("established since %s, want an hour before the answer", e.Sessions[0].EstablishedSince)
	}
	if e := w.Evidence("core", []netip.Addr{one}); !e.AskedAt.IsZero() || e.Failure != nil {
		t.Errorf("a router that was never asked has evidence: %+v", e)
	}
}

// TestSinceWithoutUptime is for platforms that do not say how long a session has been up.
func TestSinceWithoutUptime(t *testing.T) {
	w := newTable()
	w.answer(0, up(one, 0))
	w.answer(30*time.Second, up(one, 0))
	if got := w.Evidence("edge", []netip.Addr{one}).Sessions[0].EstablishedSince; !got.Equal(start) {
		t.Errorf("established since %s, want %s, when it was first seen up", got, start)
	}
	w.answer(60*time.Second, down(one))
	w.answer(90*time.Second, up(one, 0))
	if got := w.Evidence("edge", []netip.Addr{one}).Sessions[0].EstablishedSince; !got.Equal(start.Add(90 * time.Second)) {
		t.Errorf("established since %s, want when it came back", got)
	}
}
