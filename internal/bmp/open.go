package bmp

import (
	"encoding/binary"
	"net/netip"
)

// Open is what an OPEN message says of its sender (RFC 4271 section 4.2).
type Open struct {
	// ASN is that of the capability for four octets (RFC 6793), where the sender has it.
	ASN uint32
	ID  netip.Addr
	// IPv4 and IPv6 are true if the sender exchanges unicast routes of the family (RFC 4760 section 8).
	IPv4, IPv6 bool
}

const (
	bgpHeaderLength  = 19
	typeOpen         = 1
	typeNotification = 3
	// openFixedLength is an OPEN's length without its header and its optional parameters.
	openFixedLength  = 10
	capabilitiesType = 2
	multiprotocol    = 1
	fourOctetASN     = 65
	// extendedLength in place of both the length and the first type says that lengths have two octets (RFC 9072).
	extendedLength = 255
)

// cutBGP returns the first BGP message of b, with its header, and what follows.
func cutBGP(b []byte) (message, rest []byte, ok bool) {
	if len(b) < bgpHeaderLength {
		return nil, nil, false
	}
	length := int(binary.BigEndian.Uint16(b[16:]))
	if length < bgpHeaderLength || length > len(b) {
		return nil, nil, false
	}
	return b[:length], b[length:], true
}

// decodeOpen reads a BGP message, and returns a zero Open if it is none, or a damaged one.
func decodeOpen(message []byte) Open {
	body := message[bgpHeaderLength:]
	if message[bgpHeaderLength-1] != typeOpen || len(body) < openFixedLength {
		return Open{}
	}
	o := Open{ASN: uint32(binary.BigEndian.Uint16(body[1:])), ID: netip.AddrFrom4([4]byte(body[5:9]))}
	families := 0
	eachParameter(body[openFixedLength-1:], func(kind byte, value []byte) {
		if kind != capabilitiesType {
			return
		}
		eachShort(value, func(code byte, capability []byte) {
			switch {
			case code == fourOctetASN && len(capability) == 4:
				o.ASN = binary.BigEndian.Uint32(capability)
			case code == multiprotocol && len(capability) == 4:
				families++
				o.addFamily(binary.BigEndian.Uint16(capability), capability[3])
			}
		})
	})
	// Who names none speaks BGP as it was before there were others.
	o.IPv4 = o.IPv4 || families == 0
	return o
}

func (o *Open) addFamily(afi uint16, safi byte) {
	const ipv4, ipv6, unicast = 1, 2, 1
	o.IPv4 = o.IPv4 || afi == ipv4 && safi == unicast
	o.IPv6 = o.IPv6 || afi == ipv6 && safi == unicast
}

// eachParameter calls f with each whole optional parameter; b begins with their length.
func eachParameter(b []byte, f func(kind byte, value []byte)) {
	if len(b) < 4 || b[0] != extendedLength || b[1] != extendedLength {
		eachShort(b[1:], f)
		return
	}
	for b = b[4:]; len(b) >= 3; {
		length := int(binary.BigEndian.Uint16(b[1:]))
		if length > len(b)-3 {
			return
		}
		f(b[0], b[3:3+length])
		b = b[3+length:]
	}
}

// eachShort calls f with each whole item of a type and a length of one octet each.
func eachShort(b []byte, f func(kind byte, value []byte)) {
	for len(b) >= 2 {
		length := int(b[1])
		if length > len(b)-2 {
			return
		}
		f(b[0], b[2:2+length])
		b = b[2+length:]
	}
}
