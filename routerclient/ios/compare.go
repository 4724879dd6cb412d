package ios

import (
	"net/netip"

	"github.com/peergate/peergate/routerclient"
)

// compare holds the two answers against each other. Families other than unicast are left out: not every release shows
// the same ones in both.
func compare(s *summary, listed []*neighbor) error {
	missing := map[row]int{}
	for r, count := range s.rows {
		if _, compared := unicast[r.section]; compared {
			missing[r] = count
		}
	}
	for _, n := range listed {
		if _, compared := unicast[n.section]; !compared {
			continue
		}
		r := row{n.section, n.session.Peer}
		if missing[r]--; missing[r] < 0 {
			return truncated("the summary lacks neighbor %s of %s", r.peer, r.section)
		}
	}
	for r, count := range missing {
		if count > 0 {
			return truncated("the neighbors lack %s of %s", r.peer, r.section)
		}
	}
	return compareRanges(s.listenRanges, listed)
}

// compareRanges needs a listen range for every dynamic neighbor of the default VRF.
func compareRanges(ranges []routerclient.ListenRange, listed []*neighbor) error {
	for _, n := range listed {
		if n.session.Dynamic && n.session.VRF == routerclient.DefaultVRF && !inRange(ranges, n.session.Peer) {
			return truncated("the summary lacks the listen range of neighbor %s", n.session.Peer)
		}
	}
	return nil
}

func inRange(ranges []routerclient.ListenRange, peer netip.Addr) bool {
	for _, r := range ranges {
		if r.Prefix.Contains(peer) {
			return true
		}
	}
	return false
}

// merge returns one session for each neighbor, from the last of the sections that list it: IOS printed that last.
func merge(listed []*neighbor) []routerclient.Session {
	type key struct {
		vrf, iface string
		peer       netip.Addr
	}
	sessions := make([]routerclient.Session, 0, len(listed))
	index := make(map[key]int, len(listed))
	for _, n := range listed {
		k := key{n.session.VRF, n.session.Interface, n.session.Peer}
		if at, known := index[k]; known {
			sessions[at] = n.session
			continue
		}
		index[k] = len(sessions)
		sessions = append(sessions, n.session)
	}
	return sessions
}
