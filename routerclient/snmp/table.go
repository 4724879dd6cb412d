package snmp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
)

// bgp4 is the subtree of RFC 4273, bgpLocalAS and bgpIdentifier are two scalars of it.
const (
	bgp4          = ".1.3.6.1.2.1.15"
	bgpLocalAS    = bgp4 + ".2"
	bgpIdentifier = bgp4 + ".4"
)

// table is where an agent keeps its BGP peers: the OIDs of columns, "" where there is none, all with the same rows.
type table struct {
	name  string
	state string
	// adminStatus is 1 for a peer that was shut down.
	adminStatus string
	remoteAS    string
	// establishedTime is how long the peer has been up, in seconds.
	establishedTime string
	// lastError is two octets, the code and subcode of a NOTIFICATION (RFC 4271 section 4.5).
	lastError string
	// instance is the number of the routing instance, where it is a column instead of a part of the index.
	instance string
	// defaultInstance is the number of the default routing instance.
	defaultInstance uint32
	// parseIndex takes a row's index apart.
	parseIndex func(*index) (instance uint32, peer netip.Addr, err error)
}

// tables are in the order in which they are tried: those that know IPv6 first.
var tables = []*table{
	{
		name:            "cbgpPeer2Table of CISCO-BGP4-MIB",
		state:           ".1.3.6.1.4.1.9.9.187.1.2.5.1.3",
		adminStatus:     ".1.3.6.1.4.1.9.9.187.1.2.5.1.4",
		remoteAS:        ".1.3.6.1.4.1.9.9.187.1.2.5.1.11",
		lastError:       ".1.3.6.1.4.1.9.9.187.1.2.5.1.17",
		establishedTime: ".1.3.6.1.4.1.9.9.187.1.2.5.1.19",
		parseIndex:      typeAndAddress,
	},
	{
		name:            "jnxBgpM2PeerTable of BGP4-V2-MIB-JUNIPER",
		state:           ".1.3.6.1.4.1.2636.5.1.1.2.1.1.1.2",
		adminStatus:     ".1.3.6.1.4.1.2636.5.1.1.2.1.1.1.3",
		remoteAS:        ".1.3.6.1.4.1.2636.5.1.1.2.1.1.1.13",
		lastError:       ".1.3.6.1.4.1.2636.5.1.1.2.2.1.1.1",
		establishedTime: ".1.3.6.1.4.1.2636.5.1.1.2.4.1.1.1",
		parseIndex:      instanceLocalAndRemote,
	},
	{
		name:            "aristaBgp4V2PeerTable of ARISTA-BGP4V2-MIB",
		state:           ".1.3.6.1.4.1.30065.4.1.1.2.1.13",
		adminStatus:     ".1.3.6.1.4.1.30065.4.1.1.2.1.12",
		remoteAS:        ".1.3.6.1.4.1.30065.4.1.1.2.1.10",
		establishedTime: ".1.3.6.1.4.1.30065.4.1.1.4.1.1",
		defaultInstance: 1,
		parseIndex:      instanceAndRemote,
	},
	{
		name:            "bgp4V2PeerTable of BGP4V2-MIB",
		state:           ".1.3.6.1.3.5.1.1.2.1.13",
		adminStatus:     ".1.3.6.1.3.5.1.1.2.1.12",
		remoteAS:        ".1.3.6.1.3.5.1.1.2.1.10",
		instance:        ".1.3.6.1.3.5.1.1.2.1.1",
		establishedTime: ".1.3.6.1.3.5.1.1.4.1.1",
		parseIndex:      typeAndAddress,
	},
	{
		name:            "bgpPeerTable of BGP4-MIB",
		state:           bgp4 + ".3.1.2",
		adminStatus:     bgp4 + ".3.1.3",
		remoteAS:        bgp4 + ".3.1.9",
		lastError:       bgp4 + ".3.1.14",
		establishedTime: bgp4 + ".3.1.16",
		parseIndex: func(i *index) (uint32, netip.Addr, error) {
			peer, err := i.address(addressIPv4)
			return 0, peer, err
		},
	},
}

// row takes the index of a row apart, to its last number.
func (t *table) row(text string) (instance uint32, peer netip.Addr, err error) {
	var i index
	for part := range strings.SplitSeq(text, ".") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return 0, netip.Addr{}, fmt.Errorf("index %s: not numbers of 32 bits", text)
		}
		i = append(i, uint32(n))
	}
	instance, peer, err = t.parseIndex(&i)
	if err == nil && len(i) > 0 {
		err = errors.New("numbers behind its end")
	}
	if err != nil {
		return 0, netip.Addr{}, fmt.Errorf("index %s: %w", text, err)
	}
	return instance, peer, nil
}

func (t *table) vrf(instance uint32) string {
	if instance == t.defaultInstance {
		return routerclient.DefaultVRF
	}
	return fmt.Sprintf("instance-%d", instance)
}

// typeAndAddress is cbgpPeer2Table's index, and FRR's of bgp4V2PeerTable.
func typeAndAddress(i *index) (uint32, netip.Addr, error) {
	peer, err := i.lastAddress()
	return 0, peer, err
}

func instanceAndRemote(i *index) (uint32, netip.Addr, error) {
	instance, err := i.next()
	if err != nil {
		return 0, netip.Addr{}, err
	}
	peer, err := i.lastAddress()
	return instance, peer, err
}

// instanceLocalAndRemote is Juniper's index: both addresses have their types, but not their lengths before them.
func instanceLocalAndRemote(i *index) (uint32, netip.Addr, error) {
	instance, err := i.next()
	if err != nil {
		return 0, netip.Addr{}, err
	}
	kind, err := i.next()
	if err != nil {
		return 0, netip.Addr{}, err
	}
	if _, err := i.address(kind); err != nil {
		return 0, netip.Addr{}, err
	}
	peer, err := i.lastAddress()
	return instance, peer, err
}

// index is what is left of the numbers behind a column's OID. Its methods take numbers off its front.
type index []uint32

func (i *index) next() (uint32, error) {
	if len(*i) == 0 {
		return 0, errors.New("ends early")
	}
	n := (*i)[0]
	*i = (*i)[1:]
	return n, nil
}

// The types of RFC 4001's InetAddressType that a peer's address can have. Those with a zone name the interface behind
// which a link-local address is, by its number.
const (
	addressIPv4  = 1
	addressIPv6  = 2
	addressIPv4z = 3
	addressIPv6z = 4

	zoneOctets = 4
)

var octetsOf = map[uint32]uint32{addressIPv4: 4, addressIPv6: 16, addressIPv4z: 4 + zoneOctets, addressIPv6z: 16 + zoneOctets}

// lastAddress reads a type and an address to the index's end: with the length before it, as RFC 2578 section 7.7 has
// it, or without, as FRR prints it.
func (i *index) lastAddress() (netip.Addr, error) {
	kind, err := i.next()
	if err != nil {
		return netip.Addr{}, err
	}
	if length := uint32(len(*i) - 1); len(*i) > 0 && length == octetsOf[kind] && (*i)[0] == length {
		*i = (*i)[1:]
	}
	return i.address(kind)
}

func (i *index) address(kind uint32) (netip.Addr, error) {
	length, known := octetsOf[kind]
	switch {
	case !known:
		return netip.Addr{}, fmt.Errorf("an address of type %d", kind)
	case uint32(len(*i)) < length:
		return netip.Addr{}, errors.New("ends early")
	}
	octets := make([]byte, length)
	for n := range octets {
		number, _ := i.next()
		if number > 0xff {
			return netip.Addr{}, fmt.Errorf("octet %d", number)
		}
		octets[n] = byte(number)
	}
	if kind == addressIPv4z || kind == addressIPv6z {
		length -= zoneOctets
	}
	address, _ := netip.AddrFromSlice(octets[:length])
	address = address.Unmap()
	if zone := octets[length:]; len(zone) > 0 && address.Is6() {
		address = address.WithZone(fmt.Sprintf("ifIndex-%d", binary.BigEndian.Uint32(zone)))
	}
	return address, nil
}
