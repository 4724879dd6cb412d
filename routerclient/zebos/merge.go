package zebos

import (
	"net/netip"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// Merge returns the snapshot that the IPv4 and the IPv6 summary make together; ipv6 may be nil. It takes the neighbors
// and their states from the IPv4 summary, which lists the IPv6 neighbors as well, with no prefixes; and from the IPv6
// summary their prefixes, and those that only it lists.
func Merge(ipv4, ipv6 *Summary) *routerclient.Snapshot {
	s := &routerclient.Snapshot{RouterID: ipv4.RouterID, LocalASN: ipv4.LocalASN}
	index := map[peer]int{}
	for _, table := range []struct {
		*Summary
		afi routerclient.AFI
	}{{ipv4, routerclient.IPv4}, {ipv6, routerclient.IPv6}} {
		if table.Summary == nil {
			continue
		}
		for _, row := range table.Rows {
			key := peer{row.Peer, row.Interface}
			at, found := index[key]
			if !found {
				at = len(s.Sessions)
				index[key] = at
				s.Sessions = append(s.Sessions, row.session(table.LocalASN))
			}
			if table.afi == routerclient.IPv6 || row.Peer.Is4() || row.Received > 0 {
				s.Sessions[at].Families = append(s.Sessions[at].Families, routerclient.Family{AFI: table.afi, Received: row.Received})
			}
		}
	}
	return s
}

type peer struct {
	addr  netip.Addr
	iface string
}

func (r Row) session(localASN uint32) routerclient.Session {
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
