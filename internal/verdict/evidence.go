package verdict

import (
	"net/netip"
	"slices"
	"time"

	"github.com/peergate/peergate/api/v1alpha1"
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
	// EstablishedSince is when the oldest Established session came up; zero in any other outcome.
	EstablishedSince time.Time
	// Message is one sentence on what was seen, without times that change between polls.
	Message string
	// Warning is one sentence on a session that is up and may still carry no traffic, or "".
	Warning string
	// Remedy is set if the reason is NeighborNotConfigured.
	Remedy routerclient.Remedy
}

// Ask reads the evidence of one router on a node with the addresses.
func Ask(e Evidence, addresses []netip.Addr, now time.Time) Answer {
	a := Answer{Router: e.Router, Outcome: Unknown, AskedAt: e.AskedAt}
	switch {
	case e.AskedAt.IsZero() && e.Failure == nil:
		a.Reason, a.Message = ReasonNotAskedYet, "has not been asked yet"
	case e.AskedAt.IsZero() || (now.Sub(e.AskedAt) > e.StaleAfter && e.Failure != nil):
		a.Reason, a.Message = Reason(e.Failure.Reason), "gives no answer: "+e.Failure.Message
	case now.Sub(e.AskedAt) > e.StaleAfter:
		a.Reason, a.Message = ReasonAnswerStale, "has not answered within "+e.StaleAfter.String()
	case len(addresses) == 0:
		a.Reason, a.Message = ReasonNoAddress, "cannot be asked about this node: it has no InternalIP, or annotation "+v1alpha1.AnnotationBGPAddress+" holds something that is not an IP address"
	default:
		a.read(e, addresses)
	}
	return a
}

// notAskedYet is true if there is a router of which nothing is known, good or bad.
func notAskedYet(answers []Answer) bool {
	return slices.ContainsFunc(answers, func(a Answer) bool { return a.Reason == ReasonNotAskedYet })
}

func (a *Answer) read(e Evidence, addresses []netip.Addr) {
	if up, ok := oldestEstablished(e.Sessions); ok {
		a.Outcome, a.Reason = Established, ReasonSessionEstablished
		a.EstablishedSince = up.EstablishedSince
		a.Message = "has an Established session with " + peerName(up)
		a.Warning = warning(e.Sessions)
		return
	}
	a.Outcome = NotEstablished
	switch {
	case len(e.Sessions) > 0:
		a.readDown(e.Sessions)
	case e.ListenRange:
		a.Reason = ReasonNotConnected
		a.Message = "would take a session from " + joinAddrs(addresses) + ", which is inside a listen range, but none has come up"
	default:
		a.Reason, a.Remedy = ReasonNeighborNotConfigured, e.Remedy
		a.Message = "has no neighbor " + joinAddrs(addresses)
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

// warning names the sessions that are up and blocked by policy. Zero prefixes alone are no warning: a node whose
// services all use externalTrafficPolicy: Local announces none until it runs their pods.
func warning(sessions []Session) string {
	for _, s := range sessions {
		if s.State == routerclient.Established && s.PolicyBlocked {
			return "rejects every route from " + peerName(s) + " for want of a policy (RFC 8212)"
		}
	}
	return ""
}
