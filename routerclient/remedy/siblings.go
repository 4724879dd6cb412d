package remedy

import (
	"cmp"
	"iter"

	"github.com/peergate/peergate/routerclient"
)

// Style is how neighbors are configured.
type Style struct {
	// ASN is 0 if no neighbor says.
	ASN       uint32
	PeerGroup string
}

// Common is the style that most of the sessions have, and of several the one with the lowest ASN.
func Common(sessions iter.Seq[routerclient.Session]) Style {
	counts := map[Style]int{}
	for s := range sessions {
		if s.RemoteASN != 0 {
			counts[Style{ASN: s.RemoteASN, PeerGroup: s.PeerGroup}]++
		}
	}
	var best Style
	for style, n := range counts {
		if cmp.Or(cmp.Compare(n, counts[best]), cmp.Compare(best.ASN, style.ASN), cmp.Compare(best.PeerGroup, style.PeerGroup)) > 0 {
			best = style
		}
	}
	return best
}
