package verdict

import (
	"slices"
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
)

// Evidence is what is known of one node on one router.
type Evidence struct {
	// Router is the name of the BGPRouter.
	Router string
	// AskedAt is when the router was asked for its newest whole answer, by our own clock; zero if it never gave one.
	AskedAt time.Time
	// StaleAfter is the age at which that answer says nothing any more.
	StaleAfter time.Duration
	// Failure is why there is no newer answer, or nil if the newest poll was answered.
	Failure *Failure
	// Sessions are the router's sessions with one of the node's addresses, in the router's VRF.
	Sessions []Session
	// ListenRange is true if the router takes neighbors with one of the node's addresses without knowing each.
	ListenRange bool
	// Remedy adds the node as a neighbor; it matters only where the router lacks the node.
	Remedy routerclient.Remedy
}

// Failure is a poll that brought no answer.
type Failure struct {
	Reason  routerclient.Reason
	Message string
}

// Session is a session and when it came up.
type Session struct {
	routerclient.Session
	// EstablishedSince is by our own clock; zero unless the session is Established.
	EstablishedSince time.Time
	// OtherNode is the name of another node that has the session's BGP identifier for an address, or "".
	OtherNode string
}

// Outcome is what a router says of a node.
type Outcome string

// The outcomes. Unknown is not down: it says nothing of the node.
const (
	Established    Outcome = "Established"
	NotEstablished Outcome = "NotEstablished"
	Unknown        Outcome = "Unknown"
)

// Answer is what one router says of one node.
type Answer struct {
	Router  string
	Outcome Outcome
	Reason  Reason
	// AskedAt is when the router was asked; zero if it never answered.
	AskedAt time.Time
	// EstablishedSince is when the oldest Established session came up, or where certain address families are wanted,
	// when the last of them did, each by its oldest session; zero in any other outcome.
	EstablishedSince time.Time
	// Message is one sentence on what was seen, without times that change between polls.
	Message string
	// Warnings are sentences on sessions that are up and may still carry no traffic to this node.
	Warnings []string
	// WarningEnds is after how long a warning ends by time alone; 0 is never.
	WarningEnds time.Duration
	// Remedy is set if the reason is NeighborNotConfigured.
	Remedy routerclient.Remedy
}

// Ask reads the evidence of one router on a node, whatever address families its sessions carry.
func Ask(e Evidence, n Node, now time.Time) Answer { return ask(e, n, anyFamily, now) }

func ask(e Evidence, n Node, wanted families, now time.Time) Answer {
	a := Answer{Router: e.Router, Outcome: Unknown, AskedAt: e.AskedAt}
	switch {
	case e.AskedAt.IsZero() && e.Failure == nil:
		a.Reason, a.Message = ReasonNotAskedYet, "has not been asked yet"
	case e.AskedAt.IsZero() || (now.Sub(e.AskedAt) > e.StaleAfter && e.Failure != nil):
		a.Reason, a.Message = Reason(e.Failure.Reason), "gives no answer: "+e.Failure.Message
	case now.Sub(e.AskedAt) > e.StaleAfter:
		a.Reason, a.Message = ReasonAnswerStale, "has not answered within "+e.StaleAfter.String()
	case len(n.Addresses) == 0:
		a.Reason, a.Message = ReasonNoAddress, "cannot be asked about this node: "+n.whyNoAddress()
	default:
		a.read(e, n, wanted, now)
	}
	return a
}

// notAskedYet is true if there is a router of which nothing is known, good or bad.
func notAskedYet(answers []Answer) bool {
	return slices.ContainsFunc(answers, func(a Answer) bool { return a.Reason == ReasonNotAskedYet })
}

func (a *Answer) read(e Evidence, n Node, wanted families, now time.Time) {
	if up, ok := oldestEstablished(e.Sessions); ok {
		a.readUp(e.Sessions, up, wanted)
		a.warn(e.Sessions, n, now)
		return
	}
	a.Outcome = NotEstablished
	switch {
	case len(e.Sessions) > 0:
		a.readDown(e.Sessions)
	case e.ListenRange:
		a.Reason = ReasonNotConnected
		a.Message = "would take a session from " + joinAddrs(n.Addresses) + ", which is inside a listen range, but none has come up"
	default:
		a.Reason, a.Remedy = ReasonNeighborNotConfigured, e.Remedy
		a.Message = "has no neighbor " + joinAddrs(n.Addresses)
	}
}

// readUp reads sessions of which one at least is up, the oldest of those being up.
func (a *Answer) readUp(sessions []Session, up Session, wanted families) {
	carriers, lacking, unknown := carrying(sessions, wanted)
	switch {
	case lacking != anyFamily:
		a.Outcome, a.Reason = NotEstablished, ReasonFamilyNotNegotiated
		a.Message = "has an Established session with " + peerName(up) + ", which does not carry " + lacking.in("or")
	case unknown != anyFamily:
		a.Outcome, a.Reason = Unknown, ReasonFamilyUnknown
		a.Message = "has an Established session with " + peerName(up) + ", and does not say whether it carries " + unknown.in("or")
	case wanted == anyFamily:
		a.Outcome, a.Reason, a.EstablishedSince = Established, ReasonSessionEstablished, up.EstablishedSince
		a.Message = "has an Established session with " + peerName(up)
	default:
		a.Outcome, a.Reason = Established, ReasonSessionEstablished
		names := make([]string, 0, len(carriers))
		for _, c := range carriers {
			a.EstablishedSince = latest(a.EstablishedSince, c.EstablishedSince)
			names = append(names, peerName(c))
		}
		a.Message = "has an Established session with " + strings.Join(slices.Compact(names), " and one with ") + ", for " + wanted.in("and")
	}
}

func (a *Answer) readDown(sessions []Session) {
	s := sessions[0]
	for _, other := range sessions {
		if s.AdminDown && !other.AdminDown {
			s = other
		}
	}
	if s.AdminDown {
		a.Reason = ReasonAdministrativelyDown
		a.Message = "has shut the neighbor " + peerName(s) + " down"
		return
	}
	a.Reason = ReasonSessionDown
	a.Message = "has the neighbor " + peerName(s) + ", but the session is " + downWord(s.State)
	if s.Detail != "" {
		a.Message += " (" + s.Detail + ")"
	}
}

func oldestEstablished(sessions []Session) (oldest Session, ok bool) {
	for _, s := range sessions {
		if s.State != routerclient.Established {
			continue
		}
		if !ok || s.EstablishedSince.Before(oldest.EstablishedSince) {
			oldest, ok = s, true
		}
	}
	return oldest, ok
}
