package zebos

import (
	"net/netip"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// Merge returns the snapshot that the IPv4 and the IPv6 summary make together; ipv6 may be nil. It takes the neighbors
// and their states from the IPv4 summary, which lists the IPv6 neighbors as well, with no prefixes; and from the IPv6
// summary their prefixes, and those that only it lists. What the router is called is in either, unless it lists nothing.
func Merge(ipv4, ipv6 *Summary) *routerclient.Snapshot {
	s := &routerclient.Snapshot{RouterID: ipv4.RouterID, LocalASN: ipv4.LocalASN}
	if ipv6 != nil && !s.RouterID.IsValid() {
		s.RouterID, s.LocalASN = ipv6.RouterID, ipv6.LocalASN
	}
	s.Sessions = make([]routerclient.Session, len(ipv4.Rows))
	families := make([]routerclient.Family, len(ipv4.Rows))
	for i := range ipv4.Rows {
		row := &ipv4.Rows[i]
		s.Sessions[i] = row.session(ipv4.LocalASN)
		if row.Peer.Is4() || row.Received > 0 {
			families[i] = routerclient.Family{AFI: routerclient.IPv4, Received: row.Received}
			s.Sessions[i].Families = families[i : i+1 : i+1]
		}
	}
	if ipv6 != nil {
		addIPv6(s, ipv4.Rows, ipv6)
	}
	return s
}

// addIPv6 adds the IPv6 summary to the sessions of the IPv4 summary's rows.
func addIPv6(s *routerclient.Snapshot, ipv4 []Row, ipv6 *Summary) {
	index := make(map[netip.Addr]int, len(s.Sessions))
	for i, row := range ipv4 {
		index[row.peer()] = i
	}
	for _, row := range ipv6.Rows {
		at, found := index[row.peer()]
		if !found {
			at = len(s.Sessions)
			s.Sessions = append(s.Sessions, row.session(ipv6.LocalASN))
		}
		s.Sessions[at].Families = append(s.Sessions[at].Families, routerclient.Family{AFI: routerclient.IPv6, Received: row.Received})
	}
}

func (r *Row) session(localASN uint32) routerclient.Session {
	s := routerclient.Session{
		VRF:       routerclient.DefaultVRF,
		Peer:      r.Peer,
		Interface: r.Interface,
		RemoteASN: r.RemoteASN,
		LocalASN:  localASN,
		State:     r.State,
		AdminDown: r.AdminDown,
	}
	switch {
	case r.State == routerclient.Established:
		s.Uptime = r.Uptime
	case r.Word != string(r.State) && !r.AdminDown:
		s.Detail = bgptext.Printable(r.Word, 200)
	}
	return s
}
