package frr

import (
	"encoding/json"
	"net/netip"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// needsReason is true for a neighbor that is down without anybody having shut it down, and for an unnumbered one, of
// which the summary shows neither address nor router ID.
func (n *neighbor) needsReason() bool {
	down := n.session.State != routerclient.Established && !n.session.AdminDown
	return down || !n.session.Peer.IsValid()
}

// longForm is what showNeighbor answers of a neighbor, as far as it matters here.
type longForm struct {
	BGPState               string `json:"bgpState"`
	BGPNeighborAddr        string `json:"bgpNeighborAddr"`
	RemoteRouterID         string `json:"remoteRouterId"`
	LastResetDueTo         string `json:"lastResetDueTo"`
	LastNotificationReason string `json:"lastNotificationReason"`
	// NeighborCapabilities is there while a session is up.
	NeighborCapabilities *capabilities `json:"neighborCapabilities"`
}

// parseDetails reads the answers to showNeighbor, one JSON object for each neighbor asked for, as far as they go.
func parseDetails(out routerclient.Output, asked []*neighbor) {
	dec, found := bgpjson.NewDecoder(out.Stdout, '{')
	if !found {
		return
	}
	for _, n := range asked {
		var answer map[string]json.RawMessage
		if dec.Decode(&answer) != nil {
			return
		}
		var long longForm
		if json.Unmarshal(answer[n.name], &long) == nil {
			n.addDetail(long)
		}
	}
}

func (n *neighbor) addDetail(long longForm) {
	if id, err := parseRouterID(long.RemoteRouterID); err == nil {
		n.session.PeerRouterID = id
	}
	if addr, err := netip.ParseAddr(long.BGPNeighborAddr); err == nil && !n.session.Peer.IsValid() {
		n.session.Peer = addr.WithZone("").Unmap()
	}
	if long.BGPState == string(routerclient.Established) && long.NeighborCapabilities != nil && n.needsFamilies() {
		n.settle(negotiation{agreed: long.NeighborCapabilities.agreed(), peerRouterID: n.session.PeerRouterID})
	}
	// The last reset of a session that is up, or came up since the summary, is history.
	if n.session.State == routerclient.Established || long.BGPState == string(routerclient.Established) {
		return
	}
	if reason := long.reason(); reason != "" && (reason != notActivated || n.listed == 0) {
		n.session.Detail = bgptext.Printable(reason, maxDetail)
	}
}

// notActivated is the reason that FRR gives a neighbor when it is made, and leaves there until another comes, also once a
// family is activated: for ever, if the neighbor is passive and nobody connects.
const notActivated = "No AFI/SAFI activated for peer"

func (l longForm) reason() string {
	if l.LastNotificationReason == "" {
		return l.LastResetDueTo
	}
	return l.LastNotificationReason + " (" + l.LastResetDueTo + ")"
}
