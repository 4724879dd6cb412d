package nxos

import (
	"net/netip"
	"slices"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// memory is what the long form said of sessions that are up, and cannot change while they are, so that a router is asked
// about each session once.
type memory struct {
	// since is before the poll that it is from.
	since    time.Time
	sessions map[bgptext.Key]remembered
}

// remembered is what the two sides of a session told each other when it came up.
type remembered struct {
	routerID netip.Addr
	dynamic  bool
	// agreed are those of the families that the neighbor was listed in that both sides announced. Without listed ones it
	// is not known.
	listed, agreed []routerclient.AFI
}

// slack is more than an uptime may be rounded up by.
const slack = 2 * time.Second

// recall adds what is known of those of the table's sessions that have been up for longer than it is since the memory:
// they are the same sessions still.
func (m memory) recall(t *table) {
	elapsed := time.Since(m.since) + slack
	for i := range t.sessions {
		s := &t.sessions[i]
		if len(m.sessions) == 0 || s.Uptime <= elapsed {
			continue
		}
		is, found := m.sessions[keyOf(s)]
		if !found {
			continue
		}
		t.remembered[keyOf(s)] = is
		s.PeerRouterID, s.Dynamic = is.routerID, is.dynamic
		if needsFamilies(s) && slices.Equal(is.listed, afis(s.Families)) {
			settle(s, is.agreed)
		}
	}
}

func keyOf(s *routerclient.Session) bgptext.Key {
	return bgptext.Key{VRF: s.VRF, Peer: s.Peer.WithZone(s.Interface)}
}
