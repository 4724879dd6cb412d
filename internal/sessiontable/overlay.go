package sessiontable

import (
	"net/netip"
	"slices"
	"time"

	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

// maxReports bounds what is kept of the reports of one router between two answers. One that tells of more sessions than
// any router has is not believed in the rest of them.
const maxReports = 16384

// Report is what a router said by itself of one session. It is evidence about that session alone: it makes nothing else
// that the router said look newer than it is.
type Report struct {
	Session routerclient.Session
	// HeardAt is when it arrived, and SaidAt the earliest that the router can have said it, by the clock of the answers.
	HeardAt, SaidAt time.Time
	// StaleAfter is the age, counted from HeardAt, at which the report says nothing any more.
	StaleAfter time.Duration
}

// report is a Report that the table keeps, until an answer that was asked for after it.
type report struct {
	Report
	establishedSince time.Time
}

// reports are those of one router, by whom they are about.
type reports struct {
	about map[netip.Addr][]report
	count int
}

// Report keeps what a router said of a session, beside the router's newest answer, and tells whether it did. What is known
// already is not kept: a session that is down, unless it is taken to be up; one that is up, if an answer that was asked
// for since the report can have been made says so.
func (t *Table) Report(router string, r Report) (kept bool) {
	key := peerKey(r.Session)
	if !key.IsValid() {
		return false
	}
	t.mu.Lock()
	kept = t.keep(router, key, r)
	onChange := t.onChange
	t.mu.Unlock()
	if kept && onChange != nil {
		onChange(Change{Router: router, Peers: []netip.Addr{key}})
	}
	return kept
}

// Redundant tells whether the router has said the same already, so that there is nothing to ask it. A report of which it is
// not known whether it is about a session that is up, by its neighbor or by its state, is about one that may not be.
func (t *Table) Redundant(router string, r Report) bool {
	key := peerKey(r.Session)
	if !key.IsValid() {
		return false
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if r.Session.State == routerclient.Established {
		known, askedAt := t.known(router, key, r.Session)
		return known.State == routerclient.Established && !askedAt.Before(r.SaidAt)
	}
	e := t.routers[router]
	return e != nil && e.fresh(r.HeardAt) && !t.upInAnyVRF(router, key)
}

// upInAnyVRF is true if the newest of the reports and the answer has a session with the neighbor that is up.
func (t *Table) upInAnyVRF(router string, key netip.Addr) bool {
	about := t.reports[router].about[key]
	return len(upBy(about)) > 0 || slices.ContainsFunc(t.routers[router].sessions[key], func(s verdict.Session) bool {
		return s.State == routerclient.Established && indexOf(about, &s.Session) < 0
	})
}

// Retract drops what the router has told by itself.
func (t *Table) Retract(router string) {
	t.mu.Lock()
	about := t.dropReports(router, func(report) bool { return true })
	t.heardSoFar.Reports += uint64(len(about))
	onChange := t.onChange
	t.mu.Unlock()
	if len(about) > 0 && onChange != nil {
		onChange(Change{Router: router, Peers: about})
	}
}

func (t *Table) keep(router string, key netip.Addr, r Report) bool {
	known, askedAt := t.known(router, key, r.Session)
	next := report{Report: r}
	switch up, wasUp := r.Session.State == routerclient.Established, known.State == routerclient.Established; {
	case !up && !wasUp, up && wasUp && !askedAt.Before(r.SaidAt):
		return false
	case up && wasUp:
		// Nothing has changed but how long it is known: what an answer says besides stands.
		next.Session, next.establishedSince = known.Session, known.EstablishedSince
		if r.HeardAt.Sub(askedAt) > r.StaleAfter {
			// Nobody knows what has been in between.
			next.establishedSince = r.HeardAt
		}
	case up:
		next.establishedSince = r.HeardAt
	}
	if !t.put(router, key, next, r.Session) {
		return false
	}
	t.heardSoFar.Reports++
	return true
}

// put keeps a report in place of an earlier one of the same session.
func (t *Table) put(router string, key netip.Addr, r report, of routerclient.Session) bool {
	all := t.reports[router]
	if i := indexOf(all.about[key], &of); i >= 0 {
		all.about[key][i] = r
		return true
	}
	if all.count >= maxReports {
		return false
	}
	if all.about == nil {
		all.about = map[netip.Addr][]report{}
	}
	all.about[key] = append(all.about[key], r)
	all.count++
	t.reports[router] = all
	return true
}

// known is what the newest of the reports and the answer says of a session, and when the router was asked, or said so.
func (t *Table) known(router string, key netip.Addr, of routerclient.Session) (s verdict.Session, askedAt time.Time) {
	about := t.reports[router].about[key]
	if i := indexOf(about, &of); i >= 0 {
		return about[i].session(), about[i].SaidAt
	}
	e := t.routers[router]
	if e == nil {
		return verdict.Session{}, time.Time{}
	}
	for _, s := range e.sessions[key] {
		if sameSession(&s.Session, &of) {
			return s, e.askedAt
		}
	}
	return verdict.Session{}, e.askedAt
}

// sameSession is true for two statements about one session. A router that tells of an unnumbered neighbor by itself gives
// the address that it may not show in an answer.
func sameSession(a, b *routerclient.Session) bool {
	if a.VRF != b.VRF {
		return false
	}
	if a.Peer.IsValid() && b.Peer.IsValid() {
		return a.Peer == b.Peer
	}
	return a.PeerRouterID == b.PeerRouterID
}

func indexOf(reports []report, of *routerclient.Session) int {
	for i := range reports {
		if sameSession(&reports[i].Session, of) {
			return i
		}
	}
	return -1
}

// superseded drops the reports that an answer asked for at askedAt is newer than, and returns whom they were about.
func (t *Table) superseded(router string, askedAt time.Time) []netip.Addr {
	return t.dropReports(router, func(r report) bool { return askedAt.After(r.HeardAt) })
}

// expired drops the reports that say nothing any more, and returns whom they were about.
func (t *Table) expired(router string, now time.Time) []netip.Addr {
	return t.dropReports(router, func(r report) bool { return now.Sub(r.HeardAt) > r.StaleAfter })
}

func (t *Table) dropReports(router string, drop func(report) bool) (about []netip.Addr) {
	all := t.reports[router]
	for key, reports := range all.about {
		left := slices.DeleteFunc(slices.Clone(reports), drop)
		if len(left) == len(reports) {
			continue
		}
		about = append(about, key)
		all.count -= len(reports) - len(left)
		if len(left) == 0 {
			delete(all.about, key)
		} else {
			all.about[key] = left
		}
	}
	if all.count == 0 {
		delete(t.reports, router)
	} else {
		t.reports[router] = all
	}
	return about
}

// ReportsUntil is when the last of a router's reports says nothing any more, if no answer comes; zero if there is none.
func (t *Table) ReportsUntil(router string) (until time.Time) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, reports := range t.reports[router].about {
		for _, r := range reports {
			if end := r.HeardAt.Add(r.StaleAfter); end.After(until) {
				until = end
			}
		}
	}
	return until
}

// withReports is evidence in which reports stand beside what the answer says. Each part keeps its own age: a session that
// is down by a report replaces what the answer says of it, and makes nothing newer. Those that are up by reports are
// evidence alone, and count where no session but those that reports are about is up by the answer.
func withReports(ev verdict.Evidence, reports []report) verdict.Evidence {
	if len(reports) == 0 {
		return ev
	}
	others := slices.ContainsFunc(ev.Sessions, func(s verdict.Session) bool {
		return s.State == routerclient.Established &&
			!slices.ContainsFunc(reports, func(r report) bool { return sameSession(&s.Session, &r.Session) })
	})
	if up := upBy(reports); len(up) > 0 && !others {
		return byReports(ev, up)
	}
	for _, r := range reports {
		if r.Session.State == routerclient.Established {
			continue
		}
		ev.Sessions = slices.DeleteFunc(ev.Sessions, func(s verdict.Session) bool { return sameSession(&s.Session, &r.Session) })
		ev.Sessions = append(ev.Sessions, r.session())
	}
	return ev
}

func upBy(reports []report) (up []report) {
	for _, r := range reports {
		if r.Session.State == routerclient.Established {
			up = append(up, r)
		}
	}
	return up
}

// byReports is evidence of sessions that are up, no younger than the oldest of their reports: which of them a node needs is
// not for the table to know. That one is up by a report does not mean that another is down.
func byReports(ev verdict.Evidence, up []report) verdict.Evidence {
	oldest := slices.MinFunc(up, func(a, b report) int { return a.SaidAt.Compare(b.SaidAt) })
	ev.AskedAt, ev.StaleAfter = oldest.SaidAt, oldest.StaleAfter+oldest.HeardAt.Sub(oldest.SaidAt)
	ev.Sessions = nil
	for _, r := range up {
		ev.Sessions = append(ev.Sessions, r.session())
	}
	return ev
}

func (r report) session() verdict.Session {
	return verdict.Session{Session: r.Session, EstablishedSince: r.establishedSince}
}

// union are the addresses of both, each once.
func union(a, b []netip.Addr) []netip.Addr {
	if len(b) == 0 {
		return a
	}
	seen := make(map[netip.Addr]bool, len(a)+len(b))
	return slices.DeleteFunc(slices.Concat(a, b), func(addr netip.Addr) bool {
		again := seen[addr]
		seen[addr] = true
		return again
	})
}
