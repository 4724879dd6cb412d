package bmp

import (
	"encoding/binary"
	"net/netip"
)

// upFixedLength is what a Peer Up has at least after the per-peer header: an address and two ports.
const upFixedLength = 20

// PeerUp says that a session is Established (RFC 7854 section 4.10), now or, among the first messages of a stream, since
// Peer.Time.
type PeerUp struct {
	Peer
	// Local is the router's own end of the session.
	Local                 netip.Addr
	LocalPort, RemotePort uint16
	// Sent and Received are the OPEN messages of the session; zero where the router does not have them any more.
	Sent, Received Open
	// VRF is the name of the peer's VRF, or "" where the router does not say (RFC 9069 section 4.4). Damaged is true if what
	// follows the header could not be read to its end, so that a name may be missing.
	VRF     string
	Damaged bool
}

// decodePeerUp takes the message for what its header says, whatever is wrong with the OPENs: FRR puts in an OPEN of
// nothing but a BGP header where it has lost the real one.
func decodePeerUp(b []byte) Message {
	m := &PeerUp{Peer: decodePeer(b)}
	b = b[peerHeaderLength:]
	m.Local = decodeAddr(b, m.Flags)
	m.LocalPort, m.RemotePort = binary.BigEndian.Uint16(b[16:]), binary.BigEndian.Uint16(b[18:])
	b = b[upFixedLength:]
	for _, open := range []*Open{&m.Sent, &m.Received} {
		message, rest, ok := cutBGP(b)
		if !ok {
			m.Damaged = len(b) > 0
			return m
		}
		*open, b = decodeOpen(message), rest
	}
	vrf, whole := vrfOf(b)
	m.VRF, m.Damaged = vrf, !whole
	return m
}

func vrfOf(tlvs []byte) (vrf string, whole bool) {
	whole = eachTLV(tlvs, func(kind uint16, value []byte) {
		if kind == infoVRFTable {
			vrf = words(value)
		}
	})
	return vrf, whole
}
