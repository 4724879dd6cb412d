package zebos

import (
	"net/netip"

	"github.com/peergate/peergate/routerclient"
)

// Merge returns the snapshot that the IPv4 and the IPv6 summary make together, of which the first is used up; ipv6 may be
// nil. It takes the neighbors and their states from the IPv4 summary, which lists the IPv6 neighbors as well, with no
// prefixes; and from the IPv6 summary their prefixes, and those that only it lists. What the router is called is in
// either, unless it lists nothing.
func Merge(ipv4, ipv6 *Summary) *routerclient.Snapshot {
	s := &routerclient.Snapshot{RouterID: ipv4.RouterID, LocalASN: ipv4.LocalASN, Sessions: ipv4.Sessions}
	if ipv6 == nil {
		return s
	}
	if !s.RouterID.IsValid() {
		s.RouterID, s.LocalASN = ipv6.RouterID, ipv6.LocalASN
	}
	index := make(map[netip.Addr]int, len(s.Sessions))
	for i := range s.Sessions {
		index[sessionKey(&s.Sessions[i])] = i
	}
	for _, session := range ipv6.Sessions {
		at, found := index[sessionKey(&session)]
		if !found {
			s.Sessions = append(s.Sessions, session)
			continue
		}
		s.Sessions[at].Families = append(s.Sessions[at].Families, session.Families...)
	}
	return s
}
