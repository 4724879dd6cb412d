package ios

import (
	"net/netip"

	"github.com/peergate/peergate/routerclient"
)

// compare holds the two answers against each other. Families other than unicast are left out: not every release shows
// the same ones in both.
func compare(s *summary, listed *listing) error {
	if !inStep(s.rows, listed) {
		if err := compareCounts(s.rows, listed); err != nil {
			return err
		}
	}
	return compareRanges(s.listenRanges, listed.sessions)
}

// inStep is true if both answers have the same neighbors in the same order, as IOS mostly prints them.
func inStep(rows []row, listed *listing) bool {
	if len(rows) != len(listed.sessions) {
		return false
	}
	for i, r := range rows {
		if r != listed.row(i) {
			return false
		}
	}
	return true
}

// compareCounts compares how often each neighbor is in the two answers.
func compareCounts(rows []row, listed *listing) error {
	missing := map[row]int{}
	for _, r := range rows {
		if _, compared := unicast(r.section); compared {
			missing[r]++
		}
	}
	for i := range listed.sessions {
		r := listed.row(i)
		if _, compared := unicast(r.section); !compared {
			continue
		}
		if missing[r]--; missing[r] < 0 {
			return truncated("the summary lacks neighbor %s of %s", r.peer, r.section)
		}
	}
	for r, count := range missing {
		if count > 0 {
			return truncated("the neighbors lack %s of %s", r.peer, r.section)
		}
	}
	return nil
}

// compareRanges needs a listen range for every dynamic neighbor of the default VRF.
func compareRanges(ranges []routerclient.ListenRange, sessions []routerclient.Session) error {
	for i := range sessions {
		s := &sessions[i]
		if s.Dynamic && s.VRF == routerclient.DefaultVRF && !inRange(ranges, s.Peer) {
			return truncated("the summary lacks the listen range of neighbor %s", s.Peer)
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
