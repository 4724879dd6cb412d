package routeros

import (
	"net/netip"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// observe adds a session to what is configured of a neighbor. Of several, the one that is up counts, and the others are
// the router's memory.
func (n *neighbor) observe(s session, room *bgptext.Families) {
	up := s.Established.is()
	if n.seen && (!up || n.session.State == routerclient.Established) {
		return
	}
	n.seen = true
	n.session.RemoteASN = orElse(s.RemoteAS.asn(), n.session.RemoteASN)
	n.session.LocalASN = orElse(s.LocalAS.asn(), n.session.LocalASN)
	if !up {
		n.session.AdminDown = n.session.AdminDown || s.Stopped.is()
		n.session.Detail = bgptext.Printable(s.reason(), maxDetail)
		return
	}
	n.session.State, n.session.AdminDown, n.session.Detail = routerclient.Established, false, ""
	n.session.Uptime = parseUptime(string(s.Uptime))
	if id, err := netip.ParseAddr(string(s.RemoteID)); err == nil {
		n.session.PeerRouterID = id.WithZone("").Unmap()
	}
	local, remote := s.LocalAFI.list(), s.RemoteAFI.list()
	n.session.FamiliesNegotiated = len(local) > 0 && len(remote) > 0
	n.session.Families = families(room, word(strings.Join(common(local, remote), ",")), string(s.PrefixCount), n.session.FamiliesNegotiated)
}

func orElse(asn, other uint32) uint32 {
	if asn == 0 {
		return other
	}
	return asn
}

// reason says why a session is down, as far as RouterOS remembers.
func (s session) reason() string {
	var reasons []string
	if s.LimitExceeded.is() {
		reasons = append(reasons, "the limit on the number of prefixes is exceeded")
	}
	if received, ok := bgptext.Notification(string(s.InputNotification)); ok {
		reasons = append(reasons, "last NOTIFICATION received: "+received)
	}
	if sent, ok := bgptext.Notification(string(s.OutputNotification)); ok {
		reasons = append(reasons, "last NOTIFICATION sent: "+sent)
	}
	return strings.Join(reasons, "; ")
}

// common returns the address families that both sides announced; all of one side's where the other's are not shown.
func common(local, remote []string) []string {
	if len(local) == 0 {
		return remote
	}
	if len(remote) == 0 {
		return local
	}
	var both []string
	for _, l := range local {
		for _, r := range remote {
			if l == r {
				both = append(both, l)
			}
		}
	}
	return both
}

// families returns the unicast ones among the names, each with the router's one count of prefixes: unless it is not
// known which of several were negotiated, because a prefix is proof of a family.
func families(room *bgptext.Families, names word, prefixCount string, negotiated bool) []routerclient.Family {
	received, _ := bgptext.Uint(prefixCount)
	var families []routerclient.Family
	for names != "" {
		var name string
		name, names = names.cut()
		if afi, isUnicast := unicast(name); isUnicast {
			families = room.Append(families, routerclient.Family{AFI: afi, Received: received})
		}
	}
	if !negotiated && len(families) > 1 {
		for i := range families {
			families[i].Received = 0
		}
	}
	return families
}

// unicast is false for RouterOS' name of a family that carries no routes to services.
func unicast(family string) (routerclient.AFI, bool) {
	switch family {
	case "ip":
		return routerclient.IPv4, true
	case "ipv6":
		return routerclient.IPv6, true
	}
	return "", false
}
