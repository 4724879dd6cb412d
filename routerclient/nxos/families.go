package nxos

import (
	"slices"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// The summary lists a neighbor under each address family that is activated for it, agreed on with the other side or not.
// Only the long form tells which, and it is some kilobytes a neighbor for the router to make.

// needsFamilies is true for a session that is up and listed in several families, of which one has brought no prefix.
func needsFamilies(s *routerclient.Session) bool {
	return s.State == routerclient.Established && len(s.Families) > 1 && !s.FamiliesNegotiated &&
		slices.ContainsFunc(s.Families, func(f routerclient.Family) bool { return f.Received == 0 })
}

// negotiations are the families that sessions agreed on when they came up, so that a router is asked about each session
// once.
type negotiations struct {
	// since is before the poll that they were read in.
	since time.Time
	known map[bgptext.Key]negotiation
}

// negotiation is what was agreed on of the families that the neighbor was listed in.
type negotiation struct {
	listed, agreed []routerclient.AFI
}

// settle leaves the session only those of its families that were agreed on.
func (t *table) settle(s *routerclient.Session, agreed []routerclient.AFI) {
	t.negotiated[keyOf(s)] = negotiation{listed: afis(s.Families), agreed: agreed}
	s.FamiliesNegotiated = true
	s.Families = slices.DeleteFunc(s.Families, func(f routerclient.Family) bool { return !slices.Contains(agreed, f.AFI) })
}

// slack is more than an uptime may be rounded up by.
const slack = 2 * time.Second

// recall settles those of the table's sessions that have been up for longer than it is since they were asked about: they
// are the same sessions still.
func (n negotiations) recall(t *table) {
	elapsed := time.Since(n.since) + slack
	for i := range t.sessions {
		s := &t.sessions[i]
		if s.Uptime <= elapsed || !needsFamilies(s) {
			continue
		}
		if is, found := n.known[keyOf(s)]; found && slices.Equal(is.listed, afis(s.Families)) {
			t.settle(s, is.agreed)
		}
	}
}

func keyOf(s *routerclient.Session) bgptext.Key {
	return bgptext.Key{VRF: s.VRF, Peer: s.Peer.WithZone(s.Interface)}
}

func afis(families []routerclient.Family) []routerclient.AFI {
	all := make([]routerclient.AFI, len(families))
	for i, f := range families {
		all[i] = f.AFI
	}
	return all
}
