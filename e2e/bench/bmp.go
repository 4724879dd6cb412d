package main

import (
	"encoding/binary"
	"net/netip"

	"github.com/peergate/peergate/internal/bmp"
)

// Lengths of RFC 7854, sections 4.1, 4.2 and 4.10, in bytes.
const (
	commonHeader  = 6
	perPeerHeader = 42
	peerUpFixed   = 20
	// The peer's address is 16 bytes from here in its header, an IPv4 one in the last four; its AS number follows.
	peerAddress = 10
	peerASN     = peerAddress + 16
)

// message is one of BMP version 3.
func message(kind bmp.Type, body []byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte{3}, uint32(commonHeader+len(body)))
	return append(append(b, byte(kind)), body...)
}

// initiation says that the router is called edge.
func initiation() []byte {
	const sysName = 2
	value := []byte(routerName)
	body := binary.BigEndian.AppendUint16(nil, sysName)
	body = binary.BigEndian.AppendUint16(body, uint16(len(value)))
	return message(bmp.TypeInitiation, append(body, value...))
}

// peerUp says that the session with an IPv4 address is up, without the OPENs, as FRR does of sessions that were up before.
func peerUp(address string) []byte {
	addr := netip.MustParseAddr(address).As4()
	body := make([]byte, perPeerHeader+peerUpFixed)
	copy(body[peerASN-len(addr):], addr[:])
	binary.BigEndian.PutUint32(body[peerASN:], 64513)
	return message(bmp.TypePeerUp, body)
}
