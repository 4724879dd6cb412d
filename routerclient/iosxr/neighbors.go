package iosxr

import (
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// neighbor is one neighbor while its lines are read.
type neighbor struct {
	session routerclient.Session
	// family is the one whose lines come next.
	family string
	// noPolicy is true if XR says that it drops all routes for want of a policy.
	noPolicy        bool
	hasState, ended bool
}

// parseNeighbors reads the neighbors that the caller wants:
//
//	BGP neighbor is 192.0.2.11, vrf RED
//	 Remote AS 64513, local AS 64512, external link
//	 Remote router ID 192.0.2.11
//	  BGP state = Established, up for 2w3d
//	 For Address Family: IPv4 Unicast
//	  3 accepted prefixes, 3 are bestpaths
//	  Connections established 2; dropped 1
//	  Last reset 2w3d, due to Peer closing down the session
//
// It works as well on the whole answer, without the router's filter.
func parseNeighbors(out routerclient.Output, holds func(routerclient.Session) bool) ([]routerclient.Session, error) {
	p := neighborsParser{holds: holds, seen: map[string]bool{}}
	for line := range strings.Lines(string(bgptext.Clean(out.Stdout))) {
		line = strings.TrimSpace(line)
		if header, found := strings.CutPrefix(line, "BGP neighbor is "); found {
			if err := p.begin(header); err != nil {
				return nil, err
			}
			continue
		}
		if p.current != nil {
			if err := p.current.line(line); err != nil {
				return nil, err
			}
		}
	}
	if p.current == nil {
		return nil, explain(out)
	}
	if err := p.end(); err != nil {
		return nil, err
	}
	return p.sessions, nil
}

type neighborsParser struct {
	holds    func(routerclient.Session) bool
	sessions []routerclient.Session
	seen     map[string]bool
	current  *neighbor
}

// begin reads "192.0.2.11" or "192.0.2.11, vrf RED".
func (p *neighborsParser) begin(header string) error {
	if err := p.end(); err != nil {
		return err
	}
	if p.seen[header] {
		return notUnderstood("neighbor %s comes twice", bgptext.Printable(header, 100))
	}
	p.seen[header] = true
	address, vrf, inVRF := strings.Cut(header, ", vrf ")
	if !inVRF {
		vrf = routerclient.DefaultVRF
	}
	peer, iface, err := bgptext.Peer(address)
	if err != nil {
		return notUnderstood("%w", err)
	}
	p.current = &neighbor{session: routerclient.Session{VRF: vrf, Peer: peer, Interface: iface}}
	return nil
}

func (p *neighborsParser) end() error {
	n := p.current
	switch {
	case n == nil:
		return nil
	case !n.hasState:
		return truncated("neighbor %s has no state", n.session.Peer)
	case !n.ended:
		return truncated("neighbor %s ends before its line \"Connections established\"", n.session.Peer)
	}
	n.session.PolicyBlocked = n.noPolicy && n.session.State == routerclient.Established
	if p.holds(n.session) {
		p.sessions = append(p.sessions, n.session)
	}
	return nil
}

func (n *neighbor) line(line string) error {
	if state, isState := bgptext.ParseNeighborState(line); isState {
		return n.setState(state)
	}
	if reason, isReset := bgptext.LastReset(line); isReset {
		n.addDetail(reason)
		return nil
	}
	switch {
	case strings.HasPrefix(line, "Remote AS "):
		return n.setASNs(line)
	case strings.HasPrefix(line, "Remote router ID "):
		n.session.PeerRouterID = parseRouterID(strings.TrimPrefix(line, "Remote router ID "))
	case hasPrefixFold(line, "administratively shut"):
		n.session.AdminDown, n.session.Detail = true, ""
	case strings.HasPrefix(line, "eBGP neighbor with no ") && strings.Contains(line, "defaults to 'drop'"):
		n.noPolicy = true
	case strings.HasPrefix(line, "For Address Family: "):
		n.family = strings.TrimPrefix(line, "For Address Family: ")
	case strings.Contains(line, " accepted prefixes, "):
		n.addFamily(line)
	case strings.HasPrefix(line, "Connections established "):
		n.ended = true
	}
	return nil
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// setState takes the qualifier, "Idle (No best local address found)", for the reason.
func (n *neighbor) setState(state bgptext.NeighborState) error {
	if n.hasState {
		return notUnderstood("neighbor %s has two states", n.session.Peer)
	}
	n.hasState = true
	n.session.State, n.session.Uptime = state.State, state.Uptime
	if hasPrefixFold(state.Qualifier, "admin") {
		n.session.AdminDown = true
		return nil
	}
	n.addDetail(state.Qualifier)
	return nil
}

// addDetail keeps the first reason: that of the state goes before that of the last reset.
func (n *neighbor) addDetail(reason string) {
	s := &n.session
	if n.hasState && s.State != routerclient.Established && !s.AdminDown && s.Detail == "" {
		s.Detail = bgptext.Printable(reason, maxDetail)
	}
}

// setASNs reads "Remote AS 64513, local AS 64512, external link".
func (n *neighbor) setASNs(line string) (err error) {
	for part := range strings.SplitSeq(line, ",") {
		part = strings.TrimSpace(part)
		if as, found := strings.CutPrefix(part, "Remote AS "); found {
			n.session.RemoteASN, err = bgptext.ASN(as)
		}
		if as, found := strings.CutPrefix(part, "local AS "); found {
			n.session.LocalASN, err = bgptext.ASN(as)
		}
		if err != nil {
			return notUnderstood("neighbor %s: %w", n.session.Peer, err)
		}
	}
	return nil
}

// unicast are the families that carry routes to services. The neighbors of a VRF have them under the same names.
var unicast = map[string]routerclient.AFI{"IPv4 Unicast": routerclient.IPv4, "IPv6 Unicast": routerclient.IPv6}

// addFamily reads "3 accepted prefixes, 3 are bestpaths". XR shows no number of those that a policy rejected.
func (n *neighbor) addFamily(line string) {
	number, _, _ := strings.Cut(line, " ")
	accepted, err := strconv.ParseUint(number, 10, 64)
	if afi, carriesServices := unicast[n.family]; carriesServices && err == nil {
		n.session.Families = append(n.session.Families, routerclient.Family{AFI: afi, Received: accepted})
	}
}
