// Package routerclient reads BGP sessions from routers.
//
// A [Client] asks one router and answers with a whole [Snapshot] or with an error that carries a [Reason]; there is
// no answer in between, because a damaged answer must never be read as "this neighbor is not configured". Drivers,
// one package a router family, turn a router's own words into this package's model; transports carry the words.
package routerclient

import (
	"context"
	"net/netip"
	"time"
)

// DefaultVRF is the name under which every driver reports the router's default routing table, whatever the platform
// calls it ("default", "master", "0").
const DefaultVRF = "default"

// Client reads one router. A Client is not safe for concurrent use: a router is asked one question at a time.
type Client interface {
	// Snapshot asks the router for all its BGP sessions, in every VRF that the platform can show. It returns before
	// ctx is done, and never a snapshot together with an error. Every error has a Reason (see ReasonOf).
	Snapshot(ctx context.Context) (*Snapshot, error)
	// Close ends the connection to the router. It may be called more than once.
	Close() error
}

// Snapshot is one whole answer of a router: what it holds as BGP neighbors, in no particular order. Drivers return it
// only when the platform's own count or end marker agrees with what was read.
type Snapshot struct {
	// RouterID is the BGP identifier (RFC 4271 section 4.2) of the default VRF, or of the first VRF that has one; the
	// zero Addr where the platform does not say.
	RouterID netip.Addr
	// LocalASN is the router's own AS number in the default VRF, or 0 where the platform does not say.
	LocalASN uint32
	Sessions []Session
	// ListenRanges are the prefixes from which the router accepts neighbors that are not configured one by one.
	ListenRanges []ListenRange
}

// Session is one BGP neighbor of the router, with all its address families merged.
type Session struct {
	VRF string
	// Peer is the neighbor's address, without zone and never IPv4-mapped; the zero Addr for an unnumbered neighbor
	// whose address the platform does not show.
	Peer netip.Addr
	// Interface is set for neighbors that are bound to one: unnumbered and link-local ones, and others that a router
	// was told to look for behind it.
	Interface string
	// RemoteASN and LocalASN are 0 where the platform does not say.
	RemoteASN, LocalASN uint32
	// PeerRouterID is the neighbor's BGP identifier, or the zero Addr.
	PeerRouterID netip.Addr
	State        State
	// AdminDown is true if somebody shut the neighbor down on the router.
	AdminDown bool
	// Uptime is how long the session had been Established when the router answered; 0 in any other state, or where the
	// platform does not say. It is a length, not a date, so that a router without NTP cannot mislead.
	Uptime time.Duration
	// Families are those that the router lists the neighbor under, of IPv4 and IPv6; none where the platform does not say.
	Families []Family
	// FamiliesNegotiated is true if Families of a session that is up are those that both sides agreed on (RFC 4760
	// section 8); otherwise they are those that the router is configured to exchange with the neighbor.
	FamiliesNegotiated bool
	// Dynamic is true for a neighbor that a listen range admitted.
	Dynamic bool
	// PeerGroup is the template the neighbor was configured from, or "".
	PeerGroup string
	// PolicyBlocked is true if the session is up but the router's policy rejects every route (RFC 8212).
	PolicyBlocked bool
	// Detail is the router's own words on why the session is not Established, or "". At most 200 bytes, printable.
	Detail string
}

// AFI is an address family of routes, as in RFC 4760.
type AFI string

// The address families Peergate distinguishes.
const (
	IPv4 AFI = "IPv4"
	IPv6 AFI = "IPv6"
)

// Family is what a session carries in one address family.
type Family struct {
	AFI AFI
	// Received is the number of prefixes received from the neighbor.
	Received uint64
}

// ListenRange is a prefix from which a router accepts dynamic neighbors.
type ListenRange struct {
	VRF       string
	Prefix    netip.Prefix
	PeerGroup string
}

// State is a state of the BGP finite state machine, in the words of RFC 4271 section 8.2.2.
type State string

// The states of RFC 4271, and Unrecognized for a word that none of them covers.
const (
	Idle         State = "Idle"
	Connect      State = "Connect"
	Active       State = "Active"
	OpenSent     State = "OpenSent"
	OpenConfirm  State = "OpenConfirm"
	Established  State = "Established"
	Unrecognized State = "Unrecognized"
)

// Missing describes a neighbor that a router lacks, for [Remedy].
type Missing struct {
	Peer netip.Addr
	VRF  string
	// LocalASN and RemoteASN are 0 if unknown; a remedy then shows a placeholder.
	LocalASN, RemoteASN uint32
	// PeerGroup is the group the neighbor's siblings are in, or "".
	PeerGroup string
}

// Remedy is what a person types on the router to add a missing neighbor.
type Remedy struct {
	// Lines are in the order in which they are typed, one command each.
	Lines []string
	// Note says what the lines leave open (a placeholder to fill, a file to edit instead), or "".
	Note string
}
