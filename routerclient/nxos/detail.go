package nxos

import (
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

func (n *neighbor) needsReason() bool {
	return n.session.State != routerclient.Established && !n.session.AdminDown
}

// addDetails reads the answer to showNeighbors, as far as it goes:
//
//	BGP neighbor is 192.0.2.11, remote AS 64513, ebgp link, Peer index 3
//	  BGP version 4, remote router ID 0.0.0.0
//	  BGP state = Idle, down for 02:19:37, retry in 0.000000
//	  Last reset by us 00:01:29, due to session closed
//	  Last reset by peer never, due to No error
func (t *table) addDetails(vrf string, out routerclient.Output) {
	var current *neighbor
	for line := range strings.Lines(string(bgptext.Clean(out.Stdout))) {
		line = strings.TrimSpace(line)
		if header, found := strings.CutPrefix(line, "BGP neighbor is "); found {
			id, _, _ := strings.Cut(header, ",")
			current = t.byKey[key{vrf, id}]
			continue
		}
		if current != nil {
			current.addDetail(line)
		}
	}
}

func (n *neighbor) addDetail(line string) {
	if _, id, found := strings.Cut(line, "remote router ID "); found && strings.HasPrefix(line, "BGP version ") {
		n.session.PeerRouterID = parseRouterID(id)
	}
	reason, isReset := bgptext.LastReset(line)
	if !isReset || reason == "" || !n.needsReason() {
		return
	}
	by, _, _ := strings.Cut(strings.TrimPrefix(line, "Last reset "), ",")
	switch {
	case strings.HasPrefix(by, "by us "):
		reason += " (by the router)"
	case strings.HasPrefix(by, "by peer "):
		reason += " (by the neighbor)"
	}
	if n.session.Detail != "" {
		reason = n.session.Detail + "; " + reason
	}
	n.session.Detail = bgptext.Printable(reason, maxDetail)
}
