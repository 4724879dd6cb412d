package lab

import (
	"cmp"
	"net/netip"
)

// BGP is how a host's daemon is configured, in terms that every implementation shares.
type BGP struct {
	// Instances are one for each VRF.
	Instances []Instance
	// ActiveOnly makes the daemon open sessions but accept none, as MetalLB runs FRR on a node (bgpd -p 0).
	ActiveOnly bool
}

// Instance is BGP in one VRF.
type Instance struct {
	// VRF is the routing table's name, or "" for the default one. A VRF without a device in the kernel has neighbors
	// but never a session.
	VRF      string
	ASN      uint32
	RouterID netip.Addr
	// RequirePolicy refuses the routes of eBGP neighbors without policy (RFC 8212).
	RequirePolicy bool
	// ActivateExplicitly carries no address family on a session unless told so for the neighbor, IPv4 unicast
	// included: FRR's "no bgp default ipv4-unicast".
	ActivateExplicitly bool
	PeerGroups         []PeerGroup
	Neighbors          []Neighbor
	// Networks are the prefixes the host announces, whether or not it has a route to them.
	Networks []netip.Prefix
}

// PeerGroup is a template for neighbors.
type PeerGroup struct {
	Name      string
	RemoteASN uint32
	// ListenRanges are prefixes from which any neighbor is accepted into the group.
	ListenRanges []netip.Prefix
}

// Neighbor is one configured neighbor. Its address family is activated, in whichever way ActivateExplicitly asks.
type Neighbor struct {
	Addr netip.Addr
	// RemoteASN may be 0 if PeerGroup has one.
	RemoteASN uint32
	PeerGroup string
	Shutdown  bool
	// Password is that of TCP MD5 signatures (RFC 2385), or "".
	Password string
}

// PeerWith is the configuration of a node that opens a session to each router from its own AS.
func PeerWith(asn uint32, routers ...*Router) BGP {
	instance := Instance{ASN: asn}
	for _, r := range routers {
		instance.Neighbors = append(instance.Neighbors, Neighbor{Addr: r.Addr(), RemoteASN: r.asn})
	}
	return BGP{Instances: []Instance{instance}, ActiveOnly: true}
}

// Session is a neighbor as a host's own daemon shows it.
type Session struct {
	// VRF is "default" for the default one.
	VRF  string
	Peer netip.Addr
	// State is in the words of RFC 4271 section 8.2.2, or "" for a neighbor that the host does not have.
	State     string
	AdminDown bool
}

func (s Session) String() string {
	switch {
	case s.State == "":
		return "no such neighbor"
	case s.AdminDown:
		return s.State + ", administratively down"
	default:
		return s.State
	}
}

func compareSessions(a, b Session) int {
	return cmp.Or(cmp.Compare(a.VRF, b.VRF), a.Peer.Compare(b.Peer))
}
