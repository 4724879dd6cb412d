package edgeos

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
	"github.com/peergate/peergate/routerclient/zebos"
)

// parse returns nil if the router printed nothing, or has no such command.
func parse(out routerclient.Output, show showCommand) (*zebos.Summary, error) {
	summary, err := zebos.ParseSummary(out.Stdout)
	if err == nil {
		return summary, nil
	}
	if routerclient.ReasonOf(err) == routerclient.ReasonAnswerTruncated {
		return nil, err
	}
	if refused := posixsh.Refused(out); refused != nil {
		return nil, refused
	}
	silent := len(bytes.TrimSpace(bgptext.Clean(out.Stdout))) == 0
	if silent && out.ExitStatus == 0 || show.optional && isInvalidCommand(out) {
		return nil, nil
	}
	return nil, fmt.Errorf("%w (exit status %d): %s", err, out.ExitStatus, posixsh.Words(out))
}

// isInvalidCommand knows what Vyatta's command line and ZebOS say of a command that they do not have.
func isInvalidCommand(out routerclient.Output) bool {
	words := posixsh.Words(out)
	return strings.HasPrefix(words, "Invalid command") || strings.HasPrefix(words, "% Invalid input")
}

// merge takes the neighbors and their states from the IPv4 summary, which lists the IPv6 neighbors as well, with no
// prefixes; and from the IPv6 summary their prefixes, and those that only it lists.
func merge(ipv4, ipv6 *zebos.Summary) *routerclient.Snapshot {
	s := &routerclient.Snapshot{RouterID: ipv4.RouterID, LocalASN: ipv4.LocalASN}
	index := map[peer]int{}
	for _, table := range []struct {
		*zebos.Summary
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
				s.Sessions = append(s.Sessions, session(row, table.LocalASN))
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

func session(row zebos.Row, localASN uint32) routerclient.Session {
	s := routerclient.Session{
		VRF:       routerclient.DefaultVRF,
		Peer:      row.Peer,
		Interface: row.Interface,
		RemoteASN: row.RemoteASN,
		LocalASN:  localASN,
		State:     row.State,
		AdminDown: row.AdminDown,
	}
	switch {
	case row.State == routerclient.Established:
		s.Uptime = row.Uptime
	case row.Word != string(row.State) && !row.AdminDown:
		s.Detail = bgptext.Printable(row.Word, 200)
	}
	return s
}
