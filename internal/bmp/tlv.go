package bmp

import (
	"encoding/binary"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxWords bounds a text that a router sends, in bytes.
const maxWords = 200

// The types of information in Initiation and Peer Up messages (RFC 7854 section 4.4, RFC 9069 section 4.4). They share
// one registry.
const (
	infoText     = 0
	infoDescr    = 1
	infoName     = 2
	infoVRFTable = 3
)

// The types of information in a Termination message (RFC 7854 section 4.5).
const (
	terminationText   = 0
	terminationReason = 1
)

const tlvHeaderLength = 4

// eachTLV calls f with each whole TLV, ends at one that is not, and tells whether all are.
func eachTLV(b []byte, f func(kind uint16, value []byte)) (whole bool) {
	for len(b) >= tlvHeaderLength {
		kind, length := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		b = b[tlvHeaderLength:]
		if length > len(b) {
			return false
		}
		f(kind, b[:length])
		b = b[length:]
	}
	return len(b) == 0
}

func words(b []byte) string { return bgptext.Printable(string(b), maxWords) }

// Initiation is the first message of a stream: who is talking.
type Initiation struct {
	// SysDescr and SysName are those of SNMP's MIB-II; at most 200 bytes, printable.
	SysDescr, SysName string
}

func decodeInitiation(b []byte) Message {
	m := &Initiation{}
	eachTLV(b, func(kind uint16, value []byte) {
		switch kind {
		case infoDescr:
			m.SysDescr = words(value)
		case infoName:
			m.SysName = words(value)
		}
	})
	return m
}

// Termination is the last message of a stream: why the router closes it.
type Termination struct {
	// Words are the reason; at most 200 bytes, printable.
	Words string
}

// terminationReasons are those of RFC 7854 section 4.5.
var terminationReasons = map[uint16]string{
	0: "administratively closed",
	1: "unspecified reason",
	2: "out of resources",
	3: "redundant connection",
	4: "permanently administratively closed",
}

func decodeTermination(b []byte) Message {
	m := &Termination{Words: terminationReasons[1]}
	eachTLV(b, func(kind uint16, value []byte) {
		switch {
		case kind == terminationReason && len(value) == 2:
			if reason, ok := terminationReasons[binary.BigEndian.Uint16(value)]; ok {
				m.Words = reason
			}
		case kind == terminationText && len(value) > 0:
			m.Words = words(value)
		}
	})
	return m
}

func (*Initiation) message()  {}
func (*Termination) message() {}
func (*PeerUp) message()      {}
func (*PeerDown) message()    {}
func (*Skipped) message()     {}
