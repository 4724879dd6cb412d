// Package sessiontable keeps what routers said: for each router the newest whole answer, when it was asked for, why there
// is no newer one, and what the router told by itself since.
package sessiontable

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

// AnyVRF as a router's VRF takes the sessions of every VRF.
const AnyVRF = "*"

// Table holds the newest answer of each router. It is safe for concurrent use.
type Table struct {
	mu         sync.RWMutex
	routers    map[string]*entry
	reports    map[string]reports
	heardSoFar Heard
	onChange   func(Change)
}

// Change is what an answer, or the lack of one, changed.
type Change struct {
	Router string
	// Everything is true if the change may be about any node of the router.
	Everything bool
	// Peers are the addresses whose sessions changed.
	Peers []netip.Addr
	// Losses is how many sessions that were Established at the last answer have ended since, come up again or not. It is
	// 0 where that answer was too old, or of another VRF: then nobody was looking.
	Losses int
	// Before is when the router's last answer but this one was asked for: whoever waits since before that has had an answer
	// already. It is zero if there was none, and if this is no answer.
	Before time.Time
}

// entry is what is known of one router. It is replaced as a whole, and never modified once it is in the table.
type entry struct {
	askedAt    time.Time
	staleAfter time.Duration
	vrf        string
	failure    *verdict.Failure
	// stale is true once a failure has found the answer too old.
	stale    bool
	sessions map[netip.Addr][]verdict.Session
	ranges   []routerclient.ListenRange
	summary  Summary
}

// Summary is an answer in numbers.
type Summary struct {
	// AskedAt is when the answer was asked for; zero if there is none.
	AskedAt           time.Time
	RouterID          netip.Addr
	LocalASN          uint32
	Established, Down int
}

// New returns an empty table.
func New() *Table {
	return &Table{routers: map[string]*entry{}, reports: map[string]reports{}}
}

// OnChange sets the function that is told of every answer and failure, also of those that change nothing about a peer.
func (t *Table) OnChange(f func(Change)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.onChange = f
}

// Answer is one whole answer of a router.
type Answer struct {
	Snapshot *routerclient.Snapshot
	// VRF limits what is kept of the snapshot; AnyVRF keeps everything.
	VRF string
	// AskedAt is just before the question was sent, and AnsweredAt just after the answer had come, by one clock.
	AskedAt, AnsweredAt time.Time
	// StaleAfter is the age, counted from AskedAt, at which the answer says nothing any more.
	StaleAfter time.Duration
}

// Record keeps an answer in place of the router's earlier one.
func (t *Table) Record(router string, a Answer) {
	t.mu.Lock()
	old := t.routers[router]
	next := newEntry(a, old, t.reports[router].about)
	t.routers[router] = next
	t.heardSoFar.Answers++
	confirmed := t.superseded(router, a.AskedAt)
	onChange := t.onChange
	t.mu.Unlock()

	change := Change{Router: router, Losses: losses(old, next, a.AnsweredAt)}
	if old == nil || !old.fresh(a.AnsweredAt) || !slices.Equal(old.ranges, next.ranges) {
		change.Everything = true
	} else {
		change.Before, change.Peers = old.askedAt, union(changedPeers(old.sessions, next.sessions), confirmed)
	}
	if onChange != nil {
		onChange(change)
	}
}

// Fail keeps why a router gave no answer. What it said before stands until it is stale.
func (t *Table) Fail(router string, f verdict.Failure, now time.Time) {
	t.mu.Lock()
	old := t.routers[router]
	next := &entry{}
	if old != nil {
		*next = *old
	}
	next.failure, next.stale = &f, !next.fresh(now)
	t.routers[router] = next
	expired := t.expired(router, now)
	onChange := t.onChange
	t.mu.Unlock()

	news := old == nil || !old.stale || old.failure == nil || *old.failure != f
	if onChange != nil {
		onChange(Change{Router: router, Everything: next.stale && news, Peers: expired})
	}
}

// Forget drops what is known of a router.
func (t *Table) Forget(router string) {
	t.mu.Lock()
	_, known := t.routers[router]
	delete(t.routers, router)
	delete(t.reports, router)
	t.heardSoFar.Answers++
	onChange := t.onChange
	t.mu.Unlock()
	if known && onChange != nil {
		onChange(Change{Router: router, Everything: true})
	}
}

// Evidence returns what is known of the addresses on a router, without a remedy.
func (t *Table) Evidence(router string, addresses []netip.Addr) verdict.Evidence {
	t.mu.RLock()
	defer t.mu.RUnlock()
	ev := verdict.Evidence{Router: router}
	if e := t.routers[router]; e != nil {
		e.describe(&ev, addresses)
	}
	var told []report
	for _, a := range addresses {
		told = append(told, t.reports[router].about[a]...)
	}
	return withReports(ev, told)
}

// describe adds what the entry says of the addresses.
func (e *entry) describe(ev *verdict.Evidence, addresses []netip.Addr) {
	ev.AskedAt, ev.StaleAfter, ev.Failure = e.askedAt, e.staleAfter, e.failure
	for _, a := range addresses {
		ev.Sessions = append(ev.Sessions, e.sessions[a]...)
		ev.ListenRange = ev.ListenRange || slices.ContainsFunc(e.ranges, func(r routerclient.ListenRange) bool {
			return r.Prefix.Contains(a)
		})
	}
}

// Heard counts what was heard so far, of all routers: while it is the same, so is what they said.
type Heard struct {
	// Answers are the whole ones, and the routers forgotten.
	Answers uint64
	// Reports are those that were kept, and the addresses of which they were taken back. Each is about the sessions of one
	// address.
	Reports uint64
}

// Heard returns how much was heard so far.
func (t *Table) Heard() Heard {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.heardSoFar
}

// Summary returns a router's newest answer in numbers.
func (t *Table) Summary(router string) Summary {
	if e := t.entry(router); e != nil {
		return e.summary
	}
	return Summary{}
}

// Peers calls f with each address that is a neighbor of the router, and its sessions, until f returns false.
func (t *Table) Peers(router string, f func(netip.Addr, []verdict.Session) bool) {
	e := t.entry(router)
	if e == nil {
		return
	}
	for addr, sessions := range e.sessions {
		if !f(addr, sessions) {
			return
		}
	}
}

func (t *Table) entry(router string) *entry {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.routers[router]
}

func (e *entry) fresh(now time.Time) bool {
	return !e.askedAt.IsZero() && now.Sub(e.askedAt) <= e.staleAfter
}

func newEntry(a Answer, old *entry, told map[netip.Addr][]report) *entry {
	e := &entry{
		askedAt:    a.AskedAt,
		staleAfter: a.StaleAfter,
		vrf:        a.VRF,
		sessions:   make(map[netip.Addr][]verdict.Session, len(a.Snapshot.Sessions)),
		summary:    Summary{AskedAt: a.AskedAt, RouterID: a.Snapshot.RouterID, LocalASN: a.Snapshot.LocalASN},
	}
	for _, s := range a.Snapshot.Sessions {
		if a.VRF != AnyVRF && s.VRF != a.VRF {
			continue
		}
		if s.State == routerclient.Established {
			e.summary.Established++
		} else {
			e.summary.Down++
		}
		if key := peerKey(s); key.IsValid() {
			before, askedAt := earlierSince(s, key, old, told)
			e.sessions[key] = append(e.sessions[key], verdict.Session{Session: s, EstablishedSince: since(s, a, before, askedAt)})
		}
	}
	for _, r := range a.Snapshot.ListenRanges {
		if a.VRF == AnyVRF || r.VRF == a.VRF {
			e.ranges = append(e.ranges, r)
		}
	}
	return e
}

// peerKey is the address under which a session is looked up. An unnumbered or link-local neighbor has no address that
// a node has too, but its BGP identifier usually is one.
func peerKey(s routerclient.Session) netip.Addr {
	if s.Peer.IsValid() && !s.Peer.IsLinkLocalUnicast() {
		return s.Peer
	}
	return s.PeerRouterID
}

// clockGrain is the precision to which platforms print how long a young session has been up. Of one that has been up for
// more than a day many print no seconds, and some nothing but days or weeks.
const clockGrain = 2 * time.Second

// since is when a session came up, by our own clock. It stays what it was while the session stays up, so that rounding
// on the router does not look like a flap; where the platform does not say, it is when we first saw the session up. before is
// when it came up by what the router said last, when it was asked at askedAt.
func since(s routerclient.Session, a Answer, before, askedAt time.Time) time.Time {
	if s.State != routerclient.Established {
		return time.Time{}
	}
	if s.Uptime <= 0 {
		if before.IsZero() {
			return a.AnsweredAt
		}
		return before
	}
	now := a.AnsweredAt.Add(-s.Uptime)
	switch {
	case before.IsZero():
		return now
	case now.Sub(before).Abs() <= clockGrain+a.AnsweredAt.Sub(a.AskedAt):
		return before
	case now.After(before) && now.Before(askedAt.Add(-clockGrain)):
		// Had it ended since the last answer, which has it up, it could not have come up before that was asked for.
		return before
	}
	return now
}

// earlierSince is when a session came up by the newest of what the router told by itself and its last answer, zero if it
// was not up, and when the router was asked, or said so.
func earlierSince(s routerclient.Session, key netip.Addr, old *entry, told map[netip.Addr][]report) (since, askedAt time.Time) {
	if i := indexOf(told[key], &s); i >= 0 {
		return told[key][i].establishedSince, told[key][i].SaidAt
	}
	if old == nil {
		return since, askedAt
	}
	return find(old.sessions[key], s).EstablishedSince, old.askedAt
}

// find returns the session of the same neighbor, or a zero one.
func find(sessions []verdict.Session, s routerclient.Session) verdict.Session {
	for _, o := range sessions {
		if o.VRF == s.VRF && o.Interface == s.Interface {
			return o
		}
	}
	return verdict.Session{}
}

func changedPeers(old, next map[netip.Addr][]verdict.Session) []netip.Addr {
	var changed []netip.Addr
	for addr, sessions := range next {
		if !slices.EqualFunc(old[addr], sessions, sameToAPerson) {
			changed = append(changed, addr)
		}
	}
	for addr := range old {
		if _, ok := next[addr]; !ok {
			changed = append(changed, addr)
		}
	}
	return changed
}

// sameToAPerson is true if nothing that a decision or its message depends on differs.
func sameToAPerson(a, b verdict.Session) bool {
	return a.VRF == b.VRF && a.Interface == b.Interface && a.State == b.State && a.AdminDown == b.AdminDown &&
		a.PolicyBlocked == b.PolicyBlocked && a.Detail == b.Detail && a.EstablishedSince.Equal(b.EstablishedSince) &&
		a.PeerRouterID == b.PeerRouterID &&
		a.Carries(routerclient.IPv4) == b.Carries(routerclient.IPv4) && a.Carries(routerclient.IPv6) == b.Carries(routerclient.IPv6)
}
