package ios

import (
	"slices"
	"strings"

	"github.com/peergate/peergate/routerclient"
)

// view is what a section says of a neighbor beside the session itself. One with several address families is listed under
// each.
type view struct {
	// section is the address family that the neighbor is listed under.
	section string
	// named are the families that either side offers, agreed those that both do. Both are empty without a session.
	named, agreed families
	// received is the number of prefixes that the summary shows in this section.
	received uint64
}

// families is a set.
type families uint8

const (
	ipv4 families = 1 << iota
	ipv6
	otherFamily
)

var setOf = map[routerclient.AFI]families{routerclient.IPv4: ipv4, routerclient.IPv6: ipv6}

// addCapability reads "IPv4 Unicast: advertised and received". A neighbor in a VRF has the same words for it.
func (v *view) addCapability(words string) {
	name, offered, _ := strings.Cut(words, ":")
	family := otherFamily
	if afi, isUnicast := unicast(name); isUnicast && !isVPN(name) {
		family = setOf[afi]
	}
	v.named |= family
	if strings.HasPrefix(strings.TrimSpace(offered), "advertised and received") {
		v.agreed |= family
	}
}

// hollow is true where the state is not that of the session: under a family that the two sides have not agreed on, IOS
// shows the neighbor as Idle, however well its session is. One that is really Idle has no capabilities.
func (v *view) hollow(s *routerclient.Session) bool {
	return s.State == routerclient.Idle && v.named != 0
}

// family is the one that the section stands for, and false if its routes are none of the default VRF's or of a VRF's.
func (v *view) family(s *routerclient.Session) (routerclient.Family, bool) {
	afi, isUnicast := unicast(v.section)
	if !isUnicast || isVPN(v.section) && s.VRF == routerclient.DefaultVRF {
		return routerclient.Family{}, false
	}
	return routerclient.Family{AFI: afi, Received: v.received}, true
}

// keepAgreed leaves the families that both sides have agreed on, of those that a session is configured for. It leaves all
// if the router does not tell: a neighbor of the time before RFC 4760 offers none, and has IPv4 without agreeing on it.
func (v *view) keepAgreed(s *routerclient.Session) {
	if s.State != routerclient.Established || v.agreed == 0 {
		return
	}
	for _, f := range s.Families {
		if v.named&setOf[f.AFI] == 0 {
			return
		}
	}
	s.FamiliesNegotiated = true
	s.Families = slices.DeleteFunc(s.Families, func(f routerclient.Family) bool { return v.agreed&setOf[f.AFI] == 0 })
}

// unicast is false for a family that carries no routes to services. IOS shows the IPv4 and IPv6 of a VRF as its VPN's.
func unicast(family string) (routerclient.AFI, bool) {
	switch family {
	case "IPv4 Unicast", "VPNv4 Unicast":
		return routerclient.IPv4, true
	case "IPv6 Unicast", "VPNv6 Unicast":
		return routerclient.IPv6, true
	}
	return "", false
}

func isVPN(family string) bool { return strings.HasPrefix(family, "VPN") }
