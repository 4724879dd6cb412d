package nxos

import (
	"slices"

	"github.com/peergate/peergate/routerclient"
)

// The summary lists a neighbor under each address family that is activated for it, agreed on with the other side or not.
// Only the long form tells which, and it is some kilobytes a neighbor for the router to make.

// needsFamilies is true for a session that is up and listed in several families, of which one has brought no prefix.
func needsFamilies(s *routerclient.Session) bool {
	return s.State == routerclient.Established && len(s.Families) > 1 && !s.FamiliesNegotiated &&
		slices.ContainsFunc(s.Families, func(f routerclient.Family) bool { return f.Received == 0 })
}

// settle leaves the session only those of its families that were agreed on.
func settle(s *routerclient.Session, agreed []routerclient.AFI) {
	s.FamiliesNegotiated = true
	s.Families = slices.DeleteFunc(s.Families, func(f routerclient.Family) bool { return !slices.Contains(agreed, f.AFI) })
}

func afis(families []routerclient.Family) []routerclient.AFI {
	all := make([]routerclient.AFI, len(families))
	for i, f := range families {
		all[i] = f.AFI
	}
	return all
}
