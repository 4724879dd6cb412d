package bmp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"
)

// Message is one of *Initiation, *Termination, *PeerUp, *PeerDown and *Skipped.
type Message interface{ message() }

// Type is the type of a message (RFC 7854 section 4.1).
type Type uint8

// The types of RFC 7854.
const (
	TypeRouteMonitoring  Type = 0
	TypeStatisticsReport Type = 1
	TypePeerDown         Type = 2
	TypePeerUp           Type = 3
	TypeInitiation       Type = 4
	TypeTermination      Type = 5
	TypeRouteMirroring   Type = 6
)

var typeNames = map[Type]string{
	TypeRouteMonitoring:  "Route Monitoring",
	TypeStatisticsReport: "Statistics Report",
	TypePeerDown:         "Peer Down Notification",
	TypePeerUp:           "Peer Up Notification",
	TypeInitiation:       "Initiation",
	TypeTermination:      "Termination",
	TypeRouteMirroring:   "Route Mirroring",
}

// String is the type's name in RFC 7854.
func (t Type) String() string {
	if name, ok := typeNames[t]; ok {
		return name
	}
	return fmt.Sprintf("message of type %d", uint8(t))
}

// minLength is the length of the shortest message of a type, with its headers. Of a type that is not known (RFC 7854
// section 4.1: it is to be ignored) there is nothing but the common header to expect.
func (t Type) minLength() int {
	switch t {
	case TypeInitiation, TypeTermination:
		return commonHeaderLength
	case TypePeerUp:
		return commonHeaderLength + peerHeaderLength + upFixedLength
	case TypePeerDown:
		return commonHeaderLength + peerHeaderLength + 1
	case TypeRouteMonitoring, TypeStatisticsReport, TypeRouteMirroring:
		return commonHeaderLength + peerHeaderLength
	default:
		return commonHeaderLength
	}
}

// decoders read the body of a message that is at least as long as its type demands.
var decoders = map[Type]func([]byte) Message{
	TypeInitiation:  decodeInitiation,
	TypeTermination: decodeTermination,
	TypePeerUp:      decodePeerUp,
	TypePeerDown:    decodePeerDown,
}

// Skipped is a message that says nothing of whether a session is up.
type Skipped struct {
	Type Type
}

// PeerType says what kind of table a peer belongs to.
type PeerType uint8

// The types of RFC 7854 section 4.2 and RFC 9069 section 4.1.
const (
	GlobalInstance PeerType = 0
	RDInstance     PeerType = 1
	LocalInstance  PeerType = 2
	LocRIB         PeerType = 3
)

// Flags qualify a peer: V, L and A of RFC 7854 section 4.2, O of RFC 8671 section 4.
type Flags uint8

// The flags of every type of peer but LocRIB, whose only one is F (RFC 9069 section 4.2).
const (
	FlagIPv6       Flags = 1 << 7
	FlagPostPolicy Flags = 1 << 6
	FlagAS2        Flags = 1 << 5
	FlagAdjRIBOut  Flags = 1 << 4
)

const peerHeaderLength = 42

// Peer is what every message about one peer begins with (RFC 7854 section 4.2).
type Peer struct {
	Type  PeerType
	Flags Flags
	// Distinguisher tells apart peers of the same address: a route distinguisher for RDInstance, any number for the
	// others that are not global.
	Distinguisher uint64
	// Addr is the zero Addr for LocRIB, which is no peer, for a type that is not known, and for what is no host's address.
	Addr netip.Addr
	AS   uint32
	ID   netip.Addr
	// Time is when what the message tells of happened, by the router's clock; zero if it does not say.
	Time time.Time
}

// decodePeer reads the header from the first peerHeaderLength bytes of b.
func decodePeer(b []byte) Peer {
	p := Peer{
		Type: PeerType(b[0]), Flags: Flags(b[1]), Distinguisher: binary.BigEndian.Uint64(b[2:]),
		AS: binary.BigEndian.Uint32(b[26:]), ID: netip.AddrFrom4([4]byte(b[30:34])),
	}
	if p.Type < LocRIB {
		p.Addr = decodeAddr(b[10:26], p.Flags)
	}
	if seconds, micros := binary.BigEndian.Uint32(b[34:]), binary.BigEndian.Uint32(b[38:]); seconds != 0 || micros != 0 {
		p.Time = time.Unix(int64(seconds), int64(micros)*int64(time.Microsecond)).UTC()
	}
	return p
}

// decodeAddr reads an address from 16 bytes, of which one of IPv4 takes the last four, after zeros. An address of IPv6
// without its flag must not pass for its last four bytes.
func decodeAddr(b []byte, f Flags) netip.Addr {
	addr := netip.AddrFrom16([16]byte(b)).Unmap()
	if f&FlagIPv6 == 0 {
		if [12]byte(b) != [12]byte{} {
			return netip.Addr{}
		}
		addr = netip.AddrFrom4([4]byte(b[12:16]))
	}
	if addr.IsUnspecified() || addr.IsMulticast() {
		return netip.Addr{}
	}
	return addr
}
