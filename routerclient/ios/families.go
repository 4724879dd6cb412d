package ios

import (
	"bytes"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// view is what a section says of a neighbor beside the session itself. One with several address families is listed under
// each.
type view struct {
	// section is the address family that the neighbor is listed under.
	section string
	// agreement is about all families of the session. In a VRF it has the names that they have without.
	agreement bgptext.Agreement
	// received is the number of prefixes that the summary shows in this section.
	received uint64
}

// hollow is true where the state is not that of the session: under a family that the two sides have not agreed on, IOS
// shows the neighbor as Idle, however well its session is. One that is really Idle has no capabilities.
func (v *view) hollow(s *routerclient.Session) bool {
	return s.State == routerclient.Idle && v.agreement.Shown()
}

// family is the one that the section stands for, and false if its routes are none of the default VRF's or of a VRF's.
func (v *view) family(s *routerclient.Session) (routerclient.Family, bool) {
	afi, isUnicast := unicast(v.section)
	if !isUnicast || isVPN(v.section) && s.VRF == routerclient.DefaultVRF {
		return routerclient.Family{}, false
	}
	return routerclient.Family{AFI: afi, Received: v.received}, true
}

// sectionName takes what stands behind sectionLine.
func sectionName(words []byte) string { return string(bytes.TrimSpace(words)) }

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
