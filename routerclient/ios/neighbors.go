package ios

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// neighbor is a neighbor as one section of the answer to showNeighbors shows it.
type neighbor struct {
	// section is the address family under which IOS lists the neighbor. One with several families is listed under each,
	// every time with all of them.
	section string
	session routerclient.Session
	// family is the one whose lines come next.
	family          string
	hasState, ended bool
}

// parseNeighbors reads the neighbors of every address family:
//
//	For address family: IPv4 Unicast
//	BGP neighbor is *192.0.2.11,  vrf RED,  remote AS 64513, external link
//	 Member of peer-group NODES for session parameters
//	  BGP version 4, remote router ID 192.0.2.11
//	  BGP state = Established, up for 00:16:34
//	 For address family: IPv4 Unicast
//	    Prefixes Current:               3          1 (Consumes 120 bytes)
//	  Last reset never
//
// It works as well on the whole answer, without the router's filter.
func parseNeighbors(out routerclient.Output) ([]*neighbor, error) {
	var p neighborsParser
	for line := range strings.Lines(string(bgptext.Clean(out.Stdout))) {
		if err := p.line(strings.TrimRight(line, "\n ")); err != nil {
			return nil, err
		}
	}
	if err := p.endNeighbor(); err != nil {
		return nil, err
	}
	if !p.sectioned {
		return nil, explain(out)
	}
	return p.neighbors, nil
}

type neighborsParser struct {
	neighbors []*neighbor
	section   string
	sectioned bool
	current   *neighbor
}

func (p *neighborsParser) line(line string) error {
	// A section begins at the left margin; what begins further right is a family of the neighbor above.
	if section, found := strings.CutPrefix(line, sectionLine); found {
		p.section, p.sectioned = section, true
		return p.endNeighbor()
	}
	line = strings.TrimSpace(line)
	if header, found := strings.CutPrefix(line, "BGP neighbor is "); found {
		return p.beginNeighbor(header)
	}
	if p.current == nil {
		return nil
	}
	return p.current.line(line)
}

func (p *neighborsParser) endNeighbor() error {
	n := p.current
	p.current = nil
	switch {
	case n == nil:
		return nil
	case !n.hasState:
		return truncated("neighbor %s has no state", n.session.Peer)
	case !n.ended:
		return truncated("neighbor %s ends before its line \"Last reset\"", n.session.Peer)
	}
	return nil
}

func (p *neighborsParser) beginNeighbor(header string) error {
	if err := p.endNeighbor(); err != nil {
		return err
	}
	session, err := parseHeader(header)
	if err != nil {
		return notUnderstood("neighbor %q: %w", bgptext.Printable(header, 100), err)
	}
	p.current = &neighbor{section: p.section, session: session}
	p.neighbors = append(p.neighbors, p.current)
	return nil
}

// parseHeader reads "*192.0.2.11,  vrf RED,  remote AS 64513,  local AS 64512, external link", of which the asterisk
// marks a dynamic neighbor, and the VRF and the local AS may be missing.
func parseHeader(header string) (routerclient.Session, error) {
	address, rest, _ := strings.Cut(header, ",")
	address, dynamic := strings.CutPrefix(address, "*")
	s := routerclient.Session{VRF: routerclient.DefaultVRF, Dynamic: dynamic}
	var err error
	if s.Peer, s.Interface, err = bgptext.Peer(address); err != nil {
		return s, err
	}
	for part := range strings.SplitSeq(rest, ",") {
		part = strings.TrimSpace(part)
		if vrf, found := strings.CutPrefix(part, "vrf "); found {
			s.VRF = vrf
		}
		if as, found := strings.CutPrefix(part, "remote AS "); found {
			s.RemoteASN, err = bgptext.ASN(as)
		}
		if as, found := strings.CutPrefix(part, "local AS "); found {
			number, _, _ := strings.Cut(as, " ")
			s.LocalASN, err = bgptext.ASN(number)
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

func (n *neighbor) line(line string) error {
	if state, isState := bgptext.ParseNeighborState(line); isState {
		return n.setState(state)
	}
	if reason, isReset := bgptext.LastReset(line); isReset {
		n.ended = true
		if n.session.State != routerclient.Established && !n.session.AdminDown {
			n.session.Detail = bgptext.Printable(reason, maxDetail)
		}
		return nil
	}
	if family, found := strings.CutPrefix(line, sectionLine); found {
		n.family = family
		return nil
	}
	switch {
	case strings.HasPrefix(line, "Administratively shut down"):
		n.session.AdminDown = true
	case strings.HasPrefix(line, "BGP version "):
		n.setRouterID(line)
	case strings.HasPrefix(line, "Member of peer-group "):
		group, _, _ := strings.Cut(strings.TrimPrefix(line, "Member of peer-group "), " for ")
		n.session.PeerGroup = bgptext.Printable(group, maxDetail)
	case strings.HasPrefix(line, "Prefixes Current:"):
		n.addFamily(line)
	}
	return nil
}

func (n *neighbor) setState(state bgptext.NeighborState) error {
	if n.hasState {
		return notUnderstood("neighbor %s has two states", n.session.Peer)
	}
	n.hasState = true
	n.session.State, n.session.Uptime = state.State, state.Uptime
	return nil
}

// setRouterID reads "BGP version 4, remote router ID 192.0.2.11", which is 0.0.0.0 before the first session.
func (n *neighbor) setRouterID(line string) {
	_, id, _ := strings.Cut(line, "remote router ID ")
	if addr, err := netip.ParseAddr(id); err == nil && !addr.IsUnspecified() {
		n.session.PeerRouterID = addr
	}
}

// addFamily reads "Prefixes Current:  sent  received (Consumes 120 bytes)".
func (n *neighbor) addFamily(line string) {
	fields := strings.Fields(line)
	afi, carriesServices := unicast[n.family]
	if !carriesServices || len(fields) < 4 || isVPN(n.family) && n.session.VRF == routerclient.DefaultVRF {
		return
	}
	if received, err := strconv.ParseUint(fields[3], 10, 64); err == nil {
		n.session.Families = append(n.session.Families, routerclient.Family{AFI: afi, Received: received})
	}
}

// unicast are the families that carry routes to services. IOS shows the IPv4 and IPv6 of a VRF as its VPN's.
var unicast = map[string]routerclient.AFI{
	"IPv4 Unicast":  routerclient.IPv4,
	"IPv6 Unicast":  routerclient.IPv6,
	"VPNv4 Unicast": routerclient.IPv4,
	"VPNv6 Unicast": routerclient.IPv6,
}

func isVPN(family string) bool { return strings.HasPrefix(family, "VPN") }
