package bird

import (
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

func snapshot(protocols []protocol, is status) *routerclient.Snapshot {
	s := &routerclient.Snapshot{RouterID: is.routerID, LocalASN: commonASN(protocols), ListenRanges: listenRanges(protocols)}
	s.Sessions = make([]routerclient.Session, 0, len(protocols))
	for i := range protocols {
		p := &protocols[i]
		if p.prefix.IsValid() {
			continue
		}
		session := &p.session
		session.Dynamic = p.spawned(s.ListenRanges)
		if session.State == routerclient.Established {
			session.Uptime, session.Detail, session.FamiliesNegotiated = is.since(p.since), "", true
		}
		s.Sessions = append(s.Sessions, *session)
	}
	return s
}

// listenRanges leaves out those that are disabled: BIRD accepts nobody for them.
func listenRanges(protocols []protocol) []routerclient.ListenRange {
	var ranges []routerclient.ListenRange
	for i := range protocols {
		if p := &protocols[i]; p.prefix.IsValid() && !p.down {
			ranges = append(ranges, routerclient.ListenRange{
				VRF: p.session.VRF, Prefix: p.prefix.Masked(), PeerGroup: bgptext.Printable(p.name, maxDetail),
			})
		}
	}
	return ranges
}

// commonASN is the AS number of the protocols in the default VRF, or 0 if they differ: BIRD has one for each protocol
// and none of its own.
func commonASN(protocols []protocol) uint32 {
	var asn uint32
	for i := range protocols {
		s := &protocols[i].session
		switch {
		case s.VRF != routerclient.DefaultVRF:
		case asn == 0:
			asn = s.LocalASN
		case asn != s.LocalASN:
			return 0
		}
	}
	return asn
}

func (p *protocol) spawned(ranges []routerclient.ListenRange) bool {
	if !endsInDigit(p.name) {
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
