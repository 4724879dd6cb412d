package bird

import (
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

func snapshot(protocols []*protocol, is status) *routerclient.Snapshot {
	s := &routerclient.Snapshot{RouterID: is.routerID, LocalASN: commonASN(protocols)}
	for _, p := range protocols {
		if p.prefix.IsValid() {
			s.ListenRanges = append(s.ListenRanges, routerclient.ListenRange{
				VRF: p.session.VRF, Prefix: p.prefix.Masked(), PeerGroup: bgptext.Printable(p.row.name, maxDetail),
			})
		}
	}
	s.Sessions = make([]routerclient.Session, 0, len(protocols))
	for _, p := range protocols {
		if !p.prefix.IsValid() {
			s.Sessions = append(s.Sessions, p.finish(is, s.ListenRanges))
		}
	}
	return s
}

// commonASN is the AS number of the protocols in the default VRF, or 0 if they differ: BIRD has one for each protocol
// and none of its own.
func commonASN(protocols []*protocol) uint32 {
	var asn uint32
	for _, p := range protocols {
		switch {
		case p.session.VRF != routerclient.DefaultVRF:
		case asn == 0:
			asn = p.session.LocalASN
		case asn != p.session.LocalASN:
			return 0
		}
	}
	return asn
}

// finish returns the session with what depends on more than one line.
func (p *protocol) finish(is status, ranges []routerclient.ListenRange) routerclient.Session {
	s := p.session
	// What shut itself down, over a limit say, has a last error; what a person disabled has at most a message.
	if s.AdminDown = p.down && s.Detail == ""; s.AdminDown {
		s.Detail = bgptext.Printable(p.message, maxDetail)
	}
	s.Families, s.PolicyBlocked = p.families()
	if s.State == routerclient.Established {
		s.Uptime, s.Detail = is.since(p.row.rest), ""
	} else {
		s.PolicyBlocked = false
	}
	s.Dynamic = p.spawned(ranges)
	return s
}

var afis = map[string]routerclient.AFI{"ipv4": routerclient.IPv4, "ipv6": routerclient.IPv6}

// families leaves out the channels that an Established session did not negotiate. A channel that is up behind the
// filter REJECT ("import none") takes no route; blocked is true if no channel takes one.
func (p *protocol) families() (families []routerclient.Family, blocked bool) {
	blocked = true
	for _, c := range p.channels {
		afi, isUnicast := afis[c.name]
		if !isUnicast || p.session.State == routerclient.Established && c.state != "UP" {
			continue
		}
		families = append(families, routerclient.Family{AFI: afi, Received: c.received})
		blocked = blocked && c.inputFilter == "REJECT"
	}
	return families, blocked && len(families) > 0
}

func (p *protocol) spawned(ranges []routerclient.ListenRange) bool {
	if !endsInDigit(p.row.name) {
		return false
	}
	for _, r := range ranges {
		if r.VRF == p.session.VRF && r.Prefix.Contains(p.session.Peer) {
			return true
		}
	}
	return false
}

func endsInDigit(name string) bool {
	return strings.TrimRight(name, "0123456789") != name
}
