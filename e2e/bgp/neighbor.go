package bgp

import (
	"fmt"
	"net/netip"
	"time"

	api "github.com/osrg/gobgp/v4/api"
)

// Neighbor is what a router knows of one of its neighbors.
type Neighbor struct {
	Addr netip.Addr
	ASN  uint32
	// State is in the words of RFC 4271 section 8.2.2.
	State string
	// EstablishedAt is when the session came up; the zero Time in any other state.
	EstablishedAt time.Time
	// MessagesReceived and MessagesSent count since the neighbor was configured.
	MessagesReceived, MessagesSent uint64
	// PrefixesReceived counts the IPv4 prefixes that the neighbor announces now.
	PrefixesReceived uint64
}

// Established is the state of a session that carries routes.
const Established = "Established"

var states = map[api.PeerState_SessionState]string{
	api.PeerState_SESSION_STATE_IDLE:        "Idle",
	api.PeerState_SESSION_STATE_CONNECT:     "Connect",
	api.PeerState_SESSION_STATE_ACTIVE:      "Active",
	api.PeerState_SESSION_STATE_OPENSENT:    "OpenSent",
	api.PeerState_SESSION_STATE_OPENCONFIRM: "OpenConfirm",
	api.PeerState_SESSION_STATE_ESTABLISHED: Established,
}

func neighborOf(peer *api.Peer) (Neighbor, error) {
	addr, err := netip.ParseAddr(peer.GetConf().GetNeighborAddress())
	if err != nil {
		return Neighbor{}, err
	}
	state, ok := states[peer.GetState().GetSessionState()]
	if !ok {
		return Neighbor{}, fmt.Errorf("neighbor %s is in state %s", addr, peer.GetState().GetSessionState())
	}
	n := Neighbor{
		Addr:             addr,
		ASN:              peer.GetConf().GetPeerAsn(),
		State:            state,
		MessagesReceived: peer.GetState().GetMessages().GetReceived().GetTotal(),
		MessagesSent:     peer.GetState().GetMessages().GetSent().GetTotal(),
	}
	for _, family := range peer.GetAfiSafis() {
		n.PrefixesReceived += family.GetState().GetReceived()
	}
	if state == Established {
		n.EstablishedAt = peer.GetTimers().GetState().GetUptime().AsTime()
	}
	return n, nil
}
