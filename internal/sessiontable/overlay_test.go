package sessiontable_test

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

// onTheWay is how old a report may be that arrives.
const onTheWay = 10 * time.Second

// tell reports a session some time after the start.
func (w *watched) tell(after time.Duration, s routerclient.Session) bool {
	at := start.Add(after)
	return w.Report("edge", sessiontable.Report{Session: s, HeardAt: at, SaidAt: at.Add(-onTheWay), StaleAfter: staleAfter})
}

// asked records sessions that were asked for some time after the start, and took their time.
func (w *watched) asked(after, took time.Duration, sessions ...routerclient.Session) {
	w.Record("edge", sessiontable.Answer{
		Snapshot: &routerclient.Snapshot{Sessions: sessions}, VRF: sessiontable.AnyVRF,
		AskedAt: start.Add(after), AnsweredAt: start.Add(after + took), StaleAfter: staleAfter,
	})
}

func closed(peer netip.Addr) routerclient.Session {
	return session(peer, routerclient.Idle, 0)
}

func inVRF(vrf string, s routerclient.Session) routerclient.Session {
	s.VRF = vrf
	return s
}

// TestReports holds what is believed of one and two, the addresses of one node, against what the router said and when.
func TestReports(t *testing.T) {
	const minute, second = time.Minute, time.Second
	type says struct {
		outcome verdict.Outcome
		asked   time.Duration
	}
	established := func(asked time.Duration) says { return says{verdict.Established, asked} }
	not := func(asked time.Duration) says { return says{verdict.NotEstablished, asked} }
	unknown := func(asked time.Duration) says { return says{verdict.Unknown, asked} }
	tests := map[string]struct {
		do   func(*watched)
		at   time.Duration
		want says
	}{
		"up, before any answer": {
			func(w *watched) { w.tell(minute, up(one, 0)) }, minute, established(50 * second),
		},
		"down, before any answer": {
			func(w *watched) { w.tell(minute, closed(one)) }, minute, unknown(0),
		},
		"up after an answer without it": {
			func(w *watched) { w.asked(0, 0); w.tell(minute, up(one, 0)) }, minute, established(50 * second),
		},
		"up after an answer with it down": {
			func(w *watched) { w.asked(0, 0, down(one)); w.tell(minute, up(one, 0)) }, minute, established(50 * second),
		},
		"down after an answer with it up is as old as the answer": {
			func(w *watched) { w.asked(0, 0, up(one, 0)); w.tell(minute, closed(one)) }, minute, not(0),
		},
		"down, and the other address stays up": {
			func(w *watched) { w.asked(0, 0, up(one, 0), up(two, 0)); w.tell(minute, closed(one)) }, minute, established(0),
		},
		"up does not make the other address young": {
			func(w *watched) {
				w.asked(0, 0, down(one), up(two, 0))
				w.tell(minute, up(one, 0))
			}, minute, established(0),
		},
		"both down": {
			func(w *watched) {
				w.asked(0, 0, up(one, 0), up(two, 0))
				w.tell(minute, closed(one))
				w.tell(minute, closed(two))
			}, minute, not(0),
		},
		"down makes no stale answer fresh": {
			func(w *watched) { w.asked(0, 0, up(one, 0)); w.tell(2*minute, closed(one)) }, 2 * minute, unknown(0),
		},
		"up speaks where the answer is stale": {
			func(w *watched) { w.asked(0, 0, down(one)); w.tell(2*minute, up(one, 0)) }, 2 * minute, established(110 * second),
		},
		"up is stale like an answer": {
			func(w *watched) { w.asked(0, 0, down(one)); w.tell(2*minute, up(one, 0)) }, 2*minute + staleAfter + 1, unknown(110 * second),
		},
		"up, then down": {
			func(w *watched) {
				w.asked(0, 0, down(one))
				w.tell(30*second, up(one, 0))
				w.tell(31*second, closed(one))
			}, minute, not(0),
		},
		"down, then up": {
			func(w *watched) {
				w.asked(0, 0, up(one, 0))
				w.tell(30*second, closed(one))
				w.tell(31*second, up(one, 0))
			}, minute, established(21 * second),
		},
		"an answer asked for later stands": {
			func(w *watched) { w.tell(minute, up(one, 0)); w.asked(61*second, second, down(one)) }, 2 * minute, not(61 * second),
		},
		"an answer asked for before does not": {
			func(w *watched) { w.tell(minute, up(one, 0)); w.asked(59*second, 5*second, down(one)) }, 2 * minute, established(50 * second),
		},
		"an answer asked for before does not bring back what went down": {
			func(w *watched) {
				w.asked(0, 0, up(one, 0))
				w.tell(minute, closed(one))
				w.asked(59*second, 5*second, up(one, 0))
			}, 65 * second, not(59 * second),
		},
		"up, told again of one of two": {
			func(w *watched) { w.asked(0, 0, up(one, 0), up(two, 0)); w.tell(minute, up(one, 0)) }, minute, established(0),
		},
		"up, told again of both, is no younger than what was told first": {
			func(w *watched) {
				w.asked(0, 0, up(one, 0), up(two, 0))
				w.tell(50*second, up(one, 0))
				w.tell(minute, up(two, 0))
			}, minute, established(40 * second),
		},
		"another VRF is another session": {
			func(w *watched) { w.asked(0, 0, up(one, 0)); w.tell(minute, inVRF("red", closed(one))) }, minute, established(0),
		},
		"forgotten": {
			func(w *watched) { w.tell(0, up(one, 0)); w.asked(0, 0); w.Forget("edge") }, 0, unknown(0),
		},
		"said of somebody else": {
			func(w *watched) { w.asked(0, 0, down(one)); w.tell(minute, up(three, 0)) }, minute, not(0),
		},
		"said of an answer that is younger than the report can be": {
			func(w *watched) { w.asked(0, 0, up(one, 0)); w.tell(5*second, up(one, 0)) }, minute, established(0),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newTable()
			test.do(w)
			both := []netip.Addr{one, two}
			answer := verdict.Ask(w.Evidence("edge", both), verdict.Node{Addresses: both}, start.Add(test.at))
			if answer.Outcome != test.want.outcome {
				t.Errorf("outcome %s (%s), want %s", answer.Outcome, answer.Message, test.want.outcome)
			}
			if want := start.Add(test.want.asked); !answer.AskedAt.Equal(want) && !answer.AskedAt.IsZero() {
				t.Errorf("asked at %s, want %s", answer.AskedAt, want)
			}
		})
	}
}

func TestReportIsKeptIfItIsNews(t *testing.T) {
	tests := map[string]struct {
		before func(*watched)
		report routerclient.Session
		want   bool
	}{
		"up, unknown":                      {func(*watched) {}, up(one, 0), true},
		"down, unknown":                    {func(*watched) {}, closed(one), false},
		"down, known to be down":           {func(w *watched) { w.asked(0, 0, down(one)) }, closed(one), false},
		"down, known to be up":             {func(w *watched) { w.asked(0, 0, up(one, 0)) }, closed(one), true},
		"up, known since long":             {func(w *watched) { w.asked(0, 0, up(one, 0)) }, up(one, 0), true},
		"up, known since just now":         {func(w *watched) { w.asked(55*time.Second, 0, up(one, 0)) }, up(one, 0), false},
		"of nobody":                        {func(*watched) {}, up(netip.Addr{}, 0), false},
		"link-local, without BGP ID":       {func(*watched) {}, up(netip.MustParseAddr("fe80::1"), 0), false},
		"down again, as it was told":       {func(w *watched) { w.asked(0, 0, up(one, 0)); w.tell(0, closed(one)) }, closed(one), false},
		"in another VRF, of which is none": {func(w *watched) { w.asked(0, 0, up(one, 0)) }, inVRF("red", closed(one)), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newTable()
			test.before(w)
			w.told()
			before := w.Heard()
			if got := w.tell(time.Minute, test.report); got != test.want {
				t.Fatalf("kept %t, want %t", got, test.want)
			}
			var want []sessiontable.Change
			if test.want {
				want = []sessiontable.Change{{Router: "edge", Peers: []netip.Addr{one}}}
			}
			if diff := cmp.Diff(want, w.told(), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if counted := w.Heard() != before; counted != test.want {
				t.Errorf("counted %t, want %t", counted, test.want)
			}
		})
	}
}

// TestRedundantReports: FRR tells anew of a neighbor that is down whenever another attempt at it fails. A router that is
// asked because of that would be asked for ever.
func TestRedundantReports(t *testing.T) {
	monitored := func(s routerclient.Session) routerclient.Session { s.State = ""; return s }
	unnumbered := func(s routerclient.State) routerclient.Session {
		return routerclient.Session{VRF: routerclient.DefaultVRF, Peer: netip.MustParseAddr("fe80::1"), State: s}
	}
	answered := func(sessions ...routerclient.Session) func(*watched) {
		return func(w *watched) { w.asked(0, 0, sessions...) }
	}
	tests := map[string]struct {
		before func(*watched)
		report routerclient.Session
		want   bool
	}{
		"down, nothing known":                     {func(*watched) {}, closed(one), false},
		"down, known to be down":                  {answered(down(one)), closed(one), true},
		"down, known to be none":                  {answered(down(two)), closed(one), true},
		"down, known to be up":                    {answered(up(one, 0)), closed(one), false},
		"down, known to be up in another VRF":     {answered(inVRF("red", up(one, 0))), closed(one), false},
		"down, which it was long ago":             {func(w *watched) { w.asked(-staleAfter, 0, down(one)) }, closed(one), false},
		"down, told to be up":                     {func(w *watched) { w.asked(0, 0, down(one)); w.tell(time.Second, up(one, 0)) }, closed(one), false},
		"down, told to be down":                   {func(w *watched) { w.asked(0, 0, up(one, 0)); w.tell(time.Second, closed(one)) }, closed(one), true},
		"not monitored, known to be up":           {answered(up(one, 0)), monitored(up(one, 0)), false},
		"not monitored, known to be down":         {answered(down(one)), monitored(up(one, 0)), true},
		"down, of whom nobody knows":              {answered(down(one)), unnumbered(routerclient.Idle), false},
		"up, nothing known":                       {func(*watched) {}, up(one, 0), false},
		"up, known to be down":                    {answered(down(one)), up(one, 0), false},
		"up, known since long":                    {answered(up(one, 0)), up(one, 0), false},
		"up, known since just now":                {func(w *watched) { w.asked(55*time.Second, 0, up(one, 0)) }, up(one, 0), true},
		"up, known since just now in another VRF": {func(w *watched) { w.asked(55*time.Second, 0, up(one, 0)) }, inVRF("red", up(one, 0)), false},
		"up, told just now":                       {func(w *watched) { w.tell(55*time.Second, up(one, 0)) }, up(one, 0), false},
		"up, of whom nobody knows":                {answered(up(one, 0)), unnumbered(routerclient.Established), false},
		"up, told just now, and to be down since": {func(w *watched) { w.tell(55*time.Second, up(one, 0)); w.tell(56*time.Second, closed(one)) }, up(one, 0), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newTable()
			test.before(w)
			at := start.Add(time.Minute)
			r := sessiontable.Report{Session: test.report, HeardAt: at, SaidAt: at.Add(-onTheWay), StaleAfter: staleAfter}
			if got := w.Redundant("edge", r); got != test.want {
				t.Errorf("redundant %t, want %t", got, test.want)
			}
		})
	}
}

// TestRetract: what a router has told by itself is taken back, and nothing else.
func TestRetract(t *testing.T) {
	w := newTable()
	w.asked(0, 0, down(one), up(two, 0))
	w.tell(time.Second, up(one, 0))
	w.told()
	before := w.Heard()
	w.Retract("edge")
	compare := cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
	if diff := cmp.Diff([]sessiontable.Change{{Router: "edge", Peers: []netip.Addr{one}}}, w.told(), compare); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if w.Heard() == before {
		t.Error("not counted")
	}
	for addr, want := range map[netip.Addr]verdict.Outcome{one: verdict.NotEstablished, two: verdict.Established} {
		about := []netip.Addr{addr}
		if got := verdict.Ask(w.Evidence("edge", about), verdict.Node{Addresses: about}, start.Add(time.Minute)).Outcome; got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
	w.Retract("edge")
	if changes := w.told(); len(changes) > 0 {
		t.Errorf("taken back again: %+v", changes)
	}
}

// TestUnnumberedReport: the router shows an interface where asked, and an address where it tells by itself.
func TestUnnumberedReport(t *testing.T) {
	w := newTable()
	shown := routerclient.Session{VRF: routerclient.DefaultVRF, Interface: "eth1", PeerRouterID: one, State: routerclient.Established}
	w.asked(0, 0, shown)
	told := routerclient.Session{VRF: routerclient.DefaultVRF, Peer: netip.MustParseAddr("fe80::1"), PeerRouterID: one, State: routerclient.Idle}
	w.tell(time.Minute, told)
	if got := verdict.Ask(w.Evidence("edge", []netip.Addr{one}), verdict.Node{Addresses: []netip.Addr{one}}, start.Add(time.Minute)); got.Outcome != verdict.NotEstablished {
		t.Errorf("outcome %s, want NotEstablished", got.Outcome)
	}
}

func TestEstablishedSinceOfReports(t *testing.T) {
	since := func(w *watched) time.Duration {
		sessions := w.Evidence("edge", []netip.Addr{one}).Sessions
		return sessions[0].EstablishedSince.Sub(start)
	}
	w := newTable()
	w.asked(0, 0, up(one, time.Hour))
	w.tell(time.Minute, up(one, 0))
	if got := since(w); got != -time.Hour {
		t.Errorf("told again of a session: since %s, want an hour before the start", got)
	}
	w.tell(2*time.Minute, closed(one))
	w.tell(3*time.Minute, up(one, 0))
	if got := since(w); got != 3*time.Minute {
		t.Errorf("told of a new session: since %s, want 3m", got)
	}
}

// TestSinceAfterReports: an answer that does not say how long a session is up leaves it as young as it was told to be.
func TestSinceAfterReports(t *testing.T) {
	tests := map[string]struct {
		do     func(*watched)
		uptime time.Duration
		want   time.Duration
		losses int
	}{
		"told to have come up":   {func(w *watched) { w.asked(0, 0, down(one)); w.tell(30*time.Second, up(one, 0)) }, 0, 30 * time.Second, 0},
		"told before any answer": {func(w *watched) { w.tell(30*time.Second, up(one, 0)) }, 0, 30 * time.Second, 0},
		"told to have ended, and come up again": {func(w *watched) {
			w.asked(0, 0, up(one, 0))
			w.tell(20*time.Second, closed(one))
			w.tell(30*time.Second, up(one, 0))
		}, 0, 30 * time.Second, 1},
		"told to have ended":                {func(w *watched) { w.asked(0, 0, up(one, 0)); w.tell(20*time.Second, closed(one)) }, 0, time.Minute, 1},
		"told again":                        {func(w *watched) { w.asked(0, 0, up(one, 0)); w.tell(30*time.Second, up(one, 0)) }, 0, 0, 0},
		"told again, long after the answer": {func(w *watched) { w.asked(-time.Hour, 0, up(one, 0)); w.tell(30*time.Second, up(one, 0)) }, 0, 30 * time.Second, 0},
		"the answer does say":               {func(w *watched) { w.tell(30*time.Second, up(one, 0)) }, time.Hour, time.Minute - time.Hour, 0},
		"the answer is rounded":             {func(w *watched) { w.tell(30*time.Second, up(one, 0)) }, 29 * time.Second, 30 * time.Second, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newTable()
			test.do(w)
			w.told()
			w.asked(time.Minute, 0, up(one, test.uptime))
			sessions := w.Evidence("edge", []netip.Addr{one}).Sessions
			if got := sessions[0].EstablishedSince.Sub(start); got != test.want {
				t.Errorf("since %s, want %s", got, test.want)
			}
			if got := w.told()[0].Losses; got != test.losses {
				t.Errorf("%d losses, want %d", got, test.losses)
			}
		})
	}
}

// TestReportsEnd: whoever was believed for a report is looked at again when it ends, by an answer or by its age.
func TestReportsEnd(t *testing.T) {
	w := newTable()
	w.asked(0, 0, down(one), down(two))
	w.tell(time.Second, up(one, 0))
	if got, want := w.ReportsUntil("edge"), start.Add(time.Second+staleAfter); !got.Equal(want) {
		t.Errorf("reports until %s, want %s", got, want)
	}
	w.told()
	w.asked(2*time.Second, 0, down(one), down(two))
	compare := cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
	if diff := cmp.Diff([]sessiontable.Change{{Router: "edge", Before: start, Peers: []netip.Addr{one}}}, w.told(), compare); diff != "" {
		t.Errorf("after an answer that differs from the report (-want +got):\n%s", diff)
	}
	w.tell(3*time.Second, up(two, 0))
	w.fail(4*time.Second, "refused")
	w.told()
	w.fail(4*time.Second+staleAfter, "refused")
	changes := w.told()
	if len(changes) != 1 || !cmp.Equal(changes[0].Peers, []netip.Addr{two}, compare) {
		t.Errorf("after the report's end: %+v, want a change about %s", changes, two)
	}
	if got := w.ReportsUntil("edge"); !got.IsZero() {
		t.Errorf("reports until %s, want none", got)
	}
}

// TestReportsOfTwoSessions: that a router tells anew of a session, as it does of all when its stream begins, takes nothing
// away from another. One carries IPv4 here and the other IPv6, and the older opens the node.
func TestReportsOfTwoSessions(t *testing.T) {
	w := newTable()
	v4, v6 := up(one, time.Hour), up(two, time.Minute)
	v4.Families, v4.FamiliesNegotiated = []routerclient.Family{{AFI: routerclient.IPv4}}, true
	v6.Families, v6.FamiliesNegotiated = []routerclient.Family{{AFI: routerclient.IPv6}}, true
	w.asked(0, 0, v4, v6)
	w.tell(30*time.Second, v4)
	w.tell(31*time.Second, v6)
	policy := verdict.Policy{Mode: v1alpha1.ModeContinuous, MinEstablished: intstr.FromInt32(1), Families: v1alpha1.FamiliesAll, ReleaseAfter: time.Minute}
	addresses := []netip.Addr{one, netip.MustParseAddr("2001:db8::2")}
	d := verdict.Decide(verdict.Input{
		Node:     verdict.Node{Addresses: addresses, Confirmed: true, SeenAt: start.Add(-time.Hour)},
		Policies: []verdict.Policy{policy},
		Routers:  []verdict.Evidence{w.Evidence("edge", []netip.Addr{one, two})},
		Now:      start.Add(31 * time.Second),
	})
	if d.State != verdict.Peered {
		t.Errorf("state %s, want %s: %s", d.State, verdict.Peered, d.Condition.Message)
	}
}

// TestReportsAreBounded: a router that tells of more sessions than any has is believed in some of them, be they of many
// neighbors, or of one in many VRFs.
func TestReportsAreBounded(t *testing.T) {
	addr := netip.MustParseAddr("10.0.0.0")
	neighbor := func() routerclient.Session { addr = addr.Next(); return up(addr, 0) }
	for name, next := range map[string]func(int) routerclient.Session{
		"neighbors": func(int) routerclient.Session { return neighbor() },
		"neighbors, then VRFs": func(i int) routerclient.Session {
			if i < 1<<13 {
				return neighbor()
			}
			return inVRF(strconv.Itoa(i), up(one, 0))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTable()
			kept := 0
			for i := range 1<<14 + 10 {
				if w.tell(0, next(i)) {
					kept++
				}
			}
			if kept != 1<<14 {
				t.Errorf("%d reports kept, want %d", kept, 1<<14)
			}
			w.asked(time.Second, 0)
			if !w.tell(2*time.Second, up(one, 0)) {
				t.Error("after an answer in place of all reports, none is kept")
			}
		})
	}
}
