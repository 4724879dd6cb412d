package sessiontable

import (
	"time"

	"github.com/peergate/peergate/routerclient"
)

// losses counts the sessions that were up in one answer and have ended before the next, which came at a time. One that
// is up again has ended if it came up later than it did before.
func losses(old, next *entry, at time.Time) int {
	if old == nil || !old.fresh(at) || old.vrf != next.vrf {
		return 0
	}
	lost := 0
	for addr, sessions := range old.sessions {
		for _, s := range sessions {
			if s.State != routerclient.Established {
				continue
			}
			now := find(next.sessions[addr], s.Session)
			if now.State != routerclient.Established || now.EstablishedSince.After(s.EstablishedSince) {
				lost++
			}
		}
	}
	return lost
}
