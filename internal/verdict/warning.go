package verdict

import (
	"slices"
	"time"

	"github.com/peergate/peergate/routerclient"
)

// Warnings are about sessions that are up and may still bring the node no traffic. None of them holds a node: what is
// unusual is often right.

// warn adds what there is to warn of about the sessions that are up. Zero prefixes alone are not: a node whose services
// all use externalTrafficPolicy: Local announces none until it runs their pods.
func (a *Answer) warn(sessions []Session, n Node, now time.Time) {
	for _, s := range sessions {
		if s.State != routerclient.Established {
			continue
		}
		if s.PolicyBlocked {
			a.Warnings = append(a.Warnings, "rejects every route from "+peerName(s)+" for want of a policy (RFC 8212)")
		}
		if left := n.leftover(s, now); left > 0 {
			a.Warnings = append(a.Warnings, "has had the session with "+peerName(s)+" for longer than this Node exists: "+
				"if another machine had the address before, it may be that one's, until its hold time ends")
			a.WarningEnds = left
		}
		if identity := n.foreign(s); identity != "" {
			a.Warnings = append(a.Warnings, "knows "+peerName(s)+" by the BGP identifier "+s.PeerRouterID.String()+", "+identity)
		}
	}
}

// Warns is true if a router's answer has a warning.
func (d Decision) Warns() bool {
	return slices.ContainsFunc(d.Answers, func(a Answer) bool { return len(a.Warnings) > 0 })
}

const (
	// clockTolerance is by how much the API server's clock and ours may differ, as in RFC 4120. It also passes over the
	// speaker of a machine that boots, which is there before its kubelet.
	clockTolerance = 5 * time.Minute
	// leftoverFor is how long after a Node was created a session can be a leftover: for the longest hold time that a
	// platform has by default, BIRD's 240 s, and for the tolerance. One that is still up then is kept up by somebody.
	leftoverFor = 10 * time.Minute
)

// leftover is for how long yet a session may be an earlier machine's of the same address; 0 if it is not. It is one that
// came up before the Node existed, as it also is where a kubelet has created its Node anew beside a speaker that went on.
func (n Node) leftover(s Session, now time.Time) time.Duration {
	existed := n.CreatedAt
	if n.SeenAt.Before(existed) {
		// It cannot have been seen before it was created: the API server's clock is ahead.
		existed = n.SeenAt
	}
	if !s.EstablishedSince.Before(existed.Add(-clockTolerance)) {
		return 0
	}
	return max(0, existed.Add(leftoverFor).Sub(now))
}

// foreign says what is wrong with the BGP identifier of a session, or "". One that is an address of the node is right,
// and so is one that says nothing: an identifier need not be anybody's address.
func (n Node) foreign(s Session) string {
	if !s.PeerRouterID.IsValid() {
		return ""
	}
	switch {
	case n.Identifier.IsValid() && n.Identifier != s.PeerRouterID:
		return "and the node states " + n.Identifier.String()
	case s.OtherNode != "":
		return "which is an address of node " + s.OtherNode
	}
	return ""
}
