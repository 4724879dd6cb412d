package frr

import (
	"net/netip"
	"slices"

	"github.com/peergate/peergate/routerclient"
)

// FRR's summary lists a neighbor under each address family that is activated for it, agreed on with the other side or
// not, and its JSON does not tell which. Only the long form of a neighbor does.

// needsFamilies is true for a session that is up and listed in several families, of which one has brought no prefix.
func (n *neighbor) needsFamilies() bool {
	return n.session.State == routerclient.Established && n.listed > 1 && !n.session.FamiliesNegotiated &&
		slices.ContainsFunc(n.session.Families, func(f routerclient.Family) bool { return f.Received == 0 })
}

// capabilities are those that a neighbor's long form shows.
type capabilities struct {
	// MultiprotocolExtensions has a family under the name it has in the summary.
	MultiprotocolExtensions map[string]struct {
		AdvertisedAndReceived bool `json:"advertisedAndReceived"`
		Received              bool `json:"received"`
	} `json:"multiprotocolExtensions"`
}

// agreed are the unicast families that both sides announced. A neighbor that announces none at all, as one without the
// extension does, exchanges IPv4 (RFC 4760 section 8).
func (c capabilities) agreed() []routerclient.AFI {
	agreed, announces := []routerclient.AFI{}, false
	for name, family := range c.MultiprotocolExtensions {
		announces = announces || family.AdvertisedAndReceived || family.Received
		if afi, isUnicast := unicast[name]; isUnicast && family.AdvertisedAndReceived {
			agreed = append(agreed, afi)
		}
	}
	if !announces {
		return []routerclient.AFI{routerclient.IPv4}
	}
	return agreed
}

// negotiation is what the two sides of a session told each other when it came up.
type negotiation struct {
	agreed       []routerclient.AFI
	peerRouterID netip.Addr
}

// settle leaves the session only those of its families that were agreed on.
func (n *neighbor) settle(is negotiation) {
	s := &n.session
	s.FamiliesNegotiated, s.PeerRouterID = true, is.peerRouterID
	s.Families = slices.DeleteFunc(s.Families, func(f routerclient.Family) bool { return !slices.Contains(is.agreed, f.AFI) })
}

// negotiations remembers those of the sessions that are up, for as long as they are, so that a router with thousands of
// them is asked about each once.
type negotiations map[sessionKey]negotiation

// remember keeps that of a session that was settled.
func (known negotiations) remember(vrf string, n *neighbor) {
	is := negotiation{peerRouterID: n.session.PeerRouterID}
	for _, f := range n.session.Families {
		is.agreed = append(is.agreed, f.AFI)
	}
	known[keyOf(vrf, n)] = is
}

// sessionKey names a session from the time that it came up: by the router's clock, in seconds.
type sessionKey struct {
	vrf, name     string
	establishedAt int64
}

func keyOf(vrf string, n *neighbor) sessionKey {
	return sessionKey{vrf: vrf, name: n.name, establishedAt: n.establishedAt}
}

// epochJitter is by how many seconds FRR's answers differ about when one session came up: it counts back from now.
const epochJitter = 1

// of returns that of a session. A release that does not say since when the session is up is asked anew.
func (known negotiations) of(key sessionKey) (is negotiation, found bool) {
	if key.establishedAt == 0 {
		return negotiation{}, false
	}
	for jitter := int64(-epochJitter); jitter <= epochJitter && !found; jitter++ {
		near := key
		near.establishedAt += jitter
		is, found = known[near]
	}
	return is, found
}
