package routeros

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// observe adds a session to what is configured of a neighbor. Of several, the one that is up counts, and the others are
// the router's memory.
func (n *neighbor) observe(s session) {
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
	n.session.Families = families(common(s.LocalAFI.list(), s.RemoteAFI.list()), string(s.PrefixCount))
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

// unicast are RouterOS' names of the families that carry routes to services.
var unicast = map[string]routerclient.AFI{"ip": routerclient.IPv4, "ipv6": routerclient.IPv6}

// families returns the unicast ones among the names, each with the router's one count of prefixes. Without names no
// family was negotiated, and the session carries IPv4 (RFC 4271).
func families(names []string, prefixCount string) []routerclient.Family {
	received, err := strconv.ParseUint(prefixCount, 10, 64)
	if err != nil {
		received = 0
	}
	if len(names) == 0 {
		names = []string{"ip"}
	}
	var families []routerclient.Family
	for _, name := range names {
		if afi, isUnicast := unicast[name]; isUnicast {
			families = append(families, routerclient.Family{AFI: afi, Received: received})
		}
	}
	return families
}
