package iosxr

import (
	"bytes"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// parseNeighbors reads the neighbors that the caller wants:
//
//	BGP neighbor is 192.0.2.11, vrf RED
//	 Remote AS 64513, local AS 64512, external link
//	 Remote router ID 192.0.2.11
//	  BGP state = Established, up for 2w3d
//	    Address family IPv4 Unicast: advertised and received
//	 For Address Family: IPv4 Unicast
//	  3 accepted prefixes, 3 are bestpaths
//	  Connections established 2; dropped 1
//	  Last reset 2w3d, due to Peer closing down the session
//
// It works as well on the whole answer, without the router's filter.
func parseNeighbors(out routerclient.Output, wanted count, holds func(*routerclient.Session) bool) ([]routerclient.Session, error) {
	p := neighborsParser{holds: holds}
	p.expect(min(wanted.configured, len(out.Stdout)/minNeighbor))
	for line := range bytes.Lines(bgptext.Clean(out.Stdout)) {
		if err := p.line(bgptext.Trim(line)); err != nil {
			return nil, err
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

// minNeighbor is about what the shortest neighbor takes in bytes. Only the room that is made beforehand depends on it.
const minNeighbor = 100

type neighborsParser struct {
	holds    func(*routerclient.Session) bool
	sessions []routerclient.Session
	index    bgptext.Index
	names    bgptext.Names
	families bgptext.Families
	// current is the neighbor whose lines are read, the last of the sessions; nil before the first.
	current         *routerclient.Session
	hasState, ended bool
	agreement       bgptext.Agreement
	// afi is the family of the neighbor's whose lines come next, if it carries routes to services.
	afi     routerclient.AFI
	carries bool
	// noPolicy is true if XR says that it drops all routes for want of a policy.
	noPolicy bool
}

// expect makes room for so many neighbors.
func (p *neighborsParser) expect(neighbors int) {
	neighbors = min(neighbors, routerclient.MaxSessions)
	p.index.Grow(neighbors)
	p.sessions = make([]routerclient.Session, 0, neighbors)
}

func (p *neighborsParser) line(line []byte) error {
	if header, found := bytes.CutPrefix(line, []byte("BGP neighbor is ")); found {
		return p.begin(header)
	}
	if p.current == nil {
		return nil
	}
	return p.neighborLine(line)
}

// begin reads "192.0.2.11" or "192.0.2.11, vrf RED".
func (p *neighborsParser) begin(header []byte) error {
	if err := p.end(); err != nil {
		return err
	}
	address, name, inVRF := bytes.Cut(header, []byte(", vrf "))
	vrf := routerclient.DefaultVRF
	if inVRF {
		vrf = p.names.Printable(string(name))
	}
	peer, iface, err := bgptext.Peer(string(address))
	switch {
	case err != nil:
		return notUnderstood("%w", err)
	case vrf == "":
		return notUnderstood("neighbor %s in a VRF without a name", peer)
	}
	if _, twice := p.index.Add(bgptext.Key{VRF: vrf, Peer: peer.WithZone(iface)}); twice {
		return notUnderstood("neighbor %s comes twice", bgptext.Printable(string(header), 100))
	}
	if err := routerclient.CheckSessions(len(p.sessions) + 1); err != nil {
		return err
	}
	p.sessions = append(p.sessions, routerclient.Session{VRF: vrf, Peer: peer, Interface: iface})
	p.current = &p.sessions[len(p.sessions)-1]
	p.hasState, p.ended, p.agreement, p.carries, p.noPolicy = false, false, bgptext.Agreement{}, false, false
	return nil
}

// end checks that the neighbor that was being read is whole, and drops it if it is none of those that are wanted.
func (p *neighborsParser) end() error {
	s := p.current
	switch {
	case s == nil:
		return nil
	case !p.hasState:
		return truncated("neighbor %s has no state", s.Peer)
	case !p.ended:
		return truncated("neighbor %s ends before its line \"Connections established\"", s.Peer)
	}
	p.agreement.Keep(s)
	s.PolicyBlocked = p.noPolicy && s.State == routerclient.Established
	if !p.holds(s) {
		p.sessions = p.sessions[:len(p.sessions)-1]
	}
	return nil
}

// neighborLine reads a line of the current neighbor, which its first word tells apart from most others.
func (p *neighborsParser) neighborLine(line []byte) error {
	switch first, rest := bgptext.CutWord(line); string(first) {
	case "BGP":
		if state, found := bgptext.ParseNeighborState(line); found {
			return p.setState(state)
		}
	case "Remote":
		return p.remote(rest)
	case "Address":
		p.agreement.Add(line)
	case "For":
		if family, found := bytes.CutPrefix(rest, []byte(" Address Family: ")); found {
			p.afi, p.carries = unicast(family)
		}
	case "Connections":
		p.ended = p.ended || bytes.HasPrefix(rest, []byte(" established "))
	case "Last":
		if reason, found := bgptext.LastReset(line); found {
			p.addDetail(reason)
		}
	default:
		p.remark(line, first, rest)
	}
	return nil
}

// remark reads what XR says of some neighbors only, and the prefixes that it accepted in a family.
func (p *neighborsParser) remark(line, first, rest []byte) {
	switch {
	case bytes.HasPrefix(rest, []byte(" accepted prefixes, ")):
		p.addFamily(first)
	case hasPrefixFold(line, "administratively shut"):
		p.current.AdminDown, p.current.Detail = true, ""
	case bytes.HasPrefix(line, []byte("eBGP neighbor with no ")) && bytes.Contains(line, []byte("defaults to 'drop'")):
		p.noPolicy = true
	}
}

func hasPrefixFold[T string | []byte](s T, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(string(s[:len(prefix)]), prefix)
}

// setState takes the qualifier, "Idle (No best local address found)", for the reason.
func (p *neighborsParser) setState(state bgptext.NeighborState) error {
	s := p.current
	if p.hasState {
		return notUnderstood("neighbor %s has two states", s.Peer)
	}
	p.hasState = true
	s.State, s.Uptime = state.State, state.Uptime
	if hasPrefixFold(state.Qualifier, "admin") {
		s.AdminDown = true
		return nil
	}
	p.addDetail(state.Qualifier)
	return nil
}

// addDetail keeps the first reason: that of the state goes before that of the last reset.
func (p *neighborsParser) addDetail(reason string) {
	s := p.current
	if p.hasState && s.State != routerclient.Established && !s.AdminDown && s.Detail == "" {
		s.Detail = bgptext.Printable(reason, maxDetail)
	}
}

// remote reads what stands behind "Remote": " AS 64513, local AS 64512, external link", or " router ID 192.0.2.11".
func (p *neighborsParser) remote(words []byte) error {
	if asns, found := bytes.CutPrefix(words, []byte(" AS ")); found {
		return p.setASNs(asns)
	}
	if id, found := bytes.CutPrefix(words, []byte(" router ID ")); found {
		p.current.PeerRouterID = parseRouterID(id)
	}
	return nil
}

// setASNs reads "64513, local AS 64512, external link". Behind the local AS may be what the router does with it:
// "no-prepend replace-as dual-as".
func (p *neighborsParser) setASNs(asns []byte) (err error) {
	s := p.current
	remote, rest, _ := bytes.Cut(asns, []byte(","))
	if s.RemoteASN, err = bgptext.ASN(string(remote)); err != nil {
		return notUnderstood("neighbor %s: %w", s.Peer, err)
	}
	local, found := bytes.CutPrefix(rest, []byte(" local AS "))
	if !found {
		return nil
	}
	local, _, _ = bytes.Cut(local, []byte(","))
	local, _ = bgptext.CutWord(local)
	if s.LocalASN, err = bgptext.ASN(string(local)); err != nil {
		return notUnderstood("neighbor %s: %w", s.Peer, err)
	}
	return nil
}

// addFamily takes the number of the prefixes that XR accepted. It shows none of those that a policy rejected.
func (p *neighborsParser) addFamily(accepted []byte) {
	if received, isNumber := bgptext.Uint(accepted); isNumber && p.carries {
		p.current.Families = p.families.Append(p.current.Families, routerclient.Family{AFI: p.afi, Received: received})
	}
}

// unicast is false for a family that carries no routes to services. The neighbors of a VRF have them under the same
// names.
func unicast(family []byte) (routerclient.AFI, bool) {
	switch string(family) {
	case "IPv4 Unicast":
		return routerclient.IPv4, true
	case "IPv6 Unicast":
		return routerclient.IPv6, true
	}
	return "", false
}
