package remedy

import (
	"cmp"
	"iter"
	"net/netip"

	"github.com/peergate/peergate/routerclient"
)

// Style is how neighbors are configured.
type Style struct {
	// VRF is the one that they are in, and "" if there are none.
	VRF string
	// ASN is 0 if no neighbor says.
	ASN       uint32
	PeerGroup string
}

// Common is the style that most of the sessions have, and of several the one with the lowest ASN. Sessions of the missing
// neighbor's address family go before all others: their group is the one that activates it.
func Common(peer netip.Addr, sessions iter.Seq[routerclient.Session]) Style {
	all, alike := map[Style]int{}, map[Style]int{}
	for s := range sessions {
		if s.RemoteASN == 0 {
			continue
		}
		style := Style{VRF: s.VRF, ASN: s.RemoteASN, PeerGroup: s.PeerGroup}
		all[style]++
		if s.Peer.Is4() == peer.Is4() {
			alike[style]++
		}
	}
	if len(alike) > 0 {
		return mostCommon(alike)
	}
	return mostCommon(all)
}

func mostCommon(counts map[Style]int) (best Style) {
	for style, n := range counts {
		if cmp.Or(
			cmp.Compare(n, counts[best]), cmp.Compare(best.ASN, style.ASN), cmp.Compare(best.PeerGroup, style.PeerGroup), cmp.Compare(best.VRF, style.VRF),
		) > 0 {
			best = style
		}
	}
	return best
}
