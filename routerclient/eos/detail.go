package eos

import (
	"encoding/json"
	"math"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// longForm is what showNeighbor answers of a neighbor, as far as it matters here. The errors are of the last session:
// sent without a prefix, received with Rcvd. PeerGroupName is not in any recording at hand, of neighbors without a group.
type longForm struct {
	PeerAddress           string      `json:"peerAddress"`
	State                 string      `json:"state"`
	RouterID              string      `json:"routerId"`
	LocalASN              bgpjson.ASN `json:"localAsn"`
	PeerGroupName         string      `json:"peerGroupName"`
	EstablishedTime       float64     `json:"establishedTime"` // seconds
	IdleReason            string      `json:"idleReason"`
	EstablishFailHint     string      `json:"establishFailHint"`
	LastErrorRcvdCode     string      `json:"lastErrorRcvdCode"`
	LastErrorRcvdSubcode  string      `json:"lastErrorRcvdSubcode"`
	LastErrorCode         string      `json:"lastErrorCode"`
	LastErrorSubcode      string      `json:"lastErrorSubcode"`
	LastSocketOutErrorMsg string      `json:"lastSocketOutErrorMsg"`
}

// parseLongForm reads the answer to showNeighbor: {"vrfs":{"default":{"peerList":[{…}]}}}.
func parseLongForm(out routerclient.Output, n *neighbor) (longForm, bool) {
	dec, found := bgpjson.NewDecoder(out.Stdout, '{')
	if !found {
		return longForm{}, false
	}
	var answer struct {
		VRFs map[string]struct {
			PeerList []json.RawMessage `json:"peerList"`
		} `json:"vrfs"`
	}
	if dec.Decode(&answer) != nil {
		return longForm{}, false
	}
	for _, peer := range answer.VRFs[n.session.VRF].PeerList {
		var long longForm
		if json.Unmarshal(peer, &long) != nil {
			continue
		}
		if addr, _, err := bgptext.Peer(long.PeerAddress); err == nil && addr == n.session.Peer {
			return long, true
		}
	}
	return longForm{}, false
}

func (n *neighbor) needsReason() bool {
	s := n.session
	return s.State != routerclient.Established && !s.AdminDown && s.Detail == "" && n.canBeAsked()
}

func (n *neighbor) addDetail(long longForm) {
	n.session.PeerRouterID = parseRouterID(long.RouterID)
	n.session.PeerGroup = bgptext.Printable(long.PeerGroupName, maxDetail)
	n.session.LocalASN = uint32(long.LocalASN)
	// The errors of a session that is up, or came up since the summary, are history.
	state, _ := bgptext.State(long.State)
	if n.session.State != routerclient.Established && state != routerclient.Established {
		n.session.Detail = bgptext.Printable(long.reason(), maxDetail)
	}
}

func (l longForm) reason() string {
	switch {
	case l.EstablishFailHint != "":
		return l.EstablishFailHint
	case l.IdleReason != "":
		return l.IdleReason
	case l.LastErrorRcvdCode != "":
		return "received " + notification(l.LastErrorRcvdCode, l.LastErrorRcvdSubcode)
	case l.LastErrorCode != "":
		return "sent " + notification(l.LastErrorCode, l.LastErrorSubcode)
	}
	return l.LastSocketOutErrorMsg
}

// notification names a NOTIFICATION message as EOS does, "Cease/connection rejected". Not every code has subcodes.
func notification(code, subcode string) string {
	if subcode == "" {
		return code
	}
	return code + "/" + subcode
}

// clock returns the neighbor whose long form tells the router's time: one that is up.
func (t *table) clock() *neighbor {
	for _, n := range t.neighbors {
		if n.session.State == routerclient.Established && n.since > 0 && n.canBeAsked() {
			return n
		}
	}
	return nil
}

// now returns the router's time in seconds since 1970: when n came up, by the summary, and how long ago that is, by the
// long form. It is 0 if the long form does not tell, as for a session that went down in between.
func (l longForm) now(n *neighbor) float64 {
	if l.EstablishedTime <= 0 {
		return 0
	}
	return n.since + l.EstablishedTime
}

// setUptimes fills the uptimes, given the router's time; they are unknown if that is 0.
func (t *table) setUptimes(now float64) {
	for _, n := range t.neighbors {
		if n.session.State == routerclient.Established && n.since > 0 && now > 0 {
			n.session.Uptime = seconds(now - n.since)
		}
	}
}

// seconds returns 0 for a length that cannot be: a negative one, or one of more than a century.
func seconds(s float64) time.Duration {
	const century = 100 * 365 * 24 * 3600
	if math.IsNaN(s) || s < 0 || s > century {
		return 0
	}
	return time.Duration(s) * time.Second
}
