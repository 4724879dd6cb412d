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
	// extendedLength in place of the first type says that lengths have two octets, and that the one before it is to be
	// ignored (RFC 9072 section 2).
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

// decodeOpen reads a BGP message, and returns a zero Open if it is none, or a damaged one: the families it names first
// are not all it may have named.
func decodeOpen(message []byte) Open {
	body := message[bgpHeaderLength:]
	if message[bgpHeaderLength-1] != typeOpen || len(body) < openFixedLength {
		return Open{}
	}
	o := Open{ASN: uint32(binary.BigEndian.Uint16(body[1:])), ID: netip.AddrFrom4([4]byte(body[5:9]))}
	families, whole := 0, true
	parameters := eachParameter(body[openFixedLength-1:], func(kind byte, value []byte) {
		if kind != capabilitiesType {
			return
		}
		capabilities := eachShort(value, func(code byte, capability []byte) {
			switch {
			case code == fourOctetASN && len(capability) == 4:
				o.ASN = binary.BigEndian.Uint32(capability)
			case code == multiprotocol && len(capability) == 4:
				families++
				o.addFamily(binary.BigEndian.Uint16(capability), capability[3])
			}
		})
		whole = whole && capabilities
	})
	if !whole || !parameters {
		return Open{}
	}
	// Who names none speaks BGP as it was before there were others.
	o.IPv4 = o.IPv4 || families == 0
	return o
}

func (o *Open) addFamily(afi uint16, safi byte) {
	const ipv4, ipv6, unicast = 1, 2, 1
	o.IPv4 = o.IPv4 || afi == ipv4 && safi == unicast
	o.IPv6 = o.IPv6 || afi == ipv6 && safi == unicast
}

// eachParameter calls f with each optional parameter, and tells whether they are whole; b begins with their length.
func eachParameter(b []byte, f func(kind byte, value []byte)) (whole bool) {
	if len(b) < 4 || b[0] == 0 || b[1] != extendedLength {
		return int(b[0]) == len(b)-1 && eachShort(b[1:], f)
	}
	length := int(binary.BigEndian.Uint16(b[2:]))
	if b = b[4:]; length != len(b) {
		return false
	}
	for len(b) >= 3 {
		length := int(binary.BigEndian.Uint16(b[1:]))
		if length > len(b)-3 {
			return false
		}
		f(b[0], b[3:3+length])
		b = b[3+length:]
	}
	return len(b) == 0
}

// eachShort calls f with each item of a type and a length of one octet each, and tells whether they are whole.
func eachShort(b []byte, f func(kind byte, value []byte)) (whole bool) {
	for len(b) >= 2 {
		length := int(b[1])
		if length > len(b)-2 {
			return false
		}
		f(b[0], b[2:2+length])
		b = b[2+length:]
	}
	return len(b) == 0
}
