package ios

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// countPrefixes takes from the summary how many prefixes each neighbor sent in each section. Rows that look alike, of
// one address in several VRFs, are taken in their order, which is that of the neighbors.
func countPrefixes(s *summary, listed *listing) {
	if inStep(s.rows, listed) {
		for i := range listed.views {
			listed.views[i].received = s.received[i]
		}
		return
	}
	received := make(map[row][]uint64, len(s.rows))
	for i, r := range s.rows {
		received[r] = append(received[r], s.received[i])
	}
	for i := range listed.views {
		r := listed.row(i)
		if alike := received[r]; len(alike) > 0 {
			listed.views[i].received, received[r] = alike[0], alike[1:]
		}
	}
}

// merge leaves one session for each neighbor, with the families of all sections that list it. The rest is from the last
// section of those that show the session's state: IOS printed that last.
func merge(listed *listing) []routerclient.Session {
	var index bgptext.Index
	index.Grow(len(listed.sessions))
	var room bgptext.Families
	sessions, views := listed.sessions, listed.views
	count := 0
	for i := range sessions {
		s, v := &sessions[i], &views[i]
		at, known := index.Add(bgptext.Key{VRF: s.VRF, Peer: s.Peer.WithZone(s.Interface)})
		family, carries := v.family(s)
		outdone := known && v.hollow(s) && !views[at].hollow(&sessions[at])
		if known {
			s.Families = sessions[at].Families
		} else {
			count++
		}
		if at != i && !outdone {
			sessions[at], views[at] = *s, *v
		}
		if carries {
			sessions[at].Families = room.Append(sessions[at].Families, family)
		}
	}
	sessions = sessions[:count]
	for i := range sessions {
		views[i].agreement.Keep(&sessions[i])
	}
	return sessions
}
