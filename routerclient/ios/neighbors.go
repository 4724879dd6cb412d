package ios

import (
	"bytes"
	"errors"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// listing is the answer to showNeighbors.
type listing struct {
	sessions []routerclient.Session
	// views are of the same number and order as the sessions.
	views []view
}

func (l *listing) row(i int) row { return row{l.views[i].section, l.sessions[i].Peer} }

// parseNeighbors reads the neighbors of every address family:
//
//	For address family: IPv4 Unicast
//	BGP neighbor is *192.0.2.11,  remote AS 64513, external link
//	 Member of peer-group NODES for session parameters
//	  BGP version 4, remote router ID 192.0.2.11
//	  BGP state = Established, up for 00:16:34
//	    Address family IPv4 Unicast: advertised and received
//	    Address family IPv6 Unicast: advertised
//	  Last reset never
//
// It works as well on the whole answer, without the router's filter. Room is made for so many neighbors beforehand.
func parseNeighbors(out routerclient.Output, room int) (*listing, error) {
	room = min(room, routerclient.MaxSessions)
	p := neighborsParser{listing: &listing{sessions: make([]routerclient.Session, 0, room), views: make([]view, 0, room)}}
	for line := range bytes.Lines(bgptext.Clean(out.Stdout)) {
		if err := p.line(line); err != nil {
			return nil, err
		}
	}
	if err := p.endNeighbor(); err != nil {
		return nil, err
	}
	if !p.sectioned {
		return nil, explain(out)
	}
	return p.listing, nil
}

type neighborsParser struct {
	*listing
	section   string
	sectioned bool
	// current is the neighbor whose lines are read, the last of the listing; nil outside of neighbors.
	current         *routerclient.Session
	hasState, ended bool
	names           bgptext.Names
}

func (p *neighborsParser) line(line []byte) error {
	// A section begins at the left margin. With other commands, the same words further right are a part of a neighbor.
	if section, found := bytes.CutPrefix(line, []byte(sectionLine)); found {
		if p.section = sectionName(section); p.section == "" {
			return truncated("a section has no address family")
		}
		p.sectioned = true
		return p.endNeighbor()
	}
	line = bgptext.Trim(line)
	if header, found := bytes.CutPrefix(line, []byte("BGP neighbor is ")); found {
		return p.beginNeighbor(header)
	}
	if p.current == nil {
		return nil
	}
	return p.neighborLine(line)
}

func (p *neighborsParser) endNeighbor() error {
	s := p.current
	p.current = nil
	switch {
	case s == nil:
		return nil
	case !p.hasState:
		return truncated("neighbor %s has no state", s.Peer)
	case !p.ended:
		return truncated("neighbor %s ends before its line \"Last reset\"", s.Peer)
	}
	return nil
}

func (p *neighborsParser) beginNeighbor(header []byte) error {
	if err := p.endNeighbor(); err != nil {
		return err
	}
	if err := routerclient.CheckSessions(len(p.sessions) + 1); err != nil {
		return err
	}
	p.sessions = append(p.sessions, routerclient.Session{VRF: routerclient.DefaultVRF})
	p.views = append(p.views, view{section: p.section})
	p.current = &p.sessions[len(p.sessions)-1]
	p.hasState, p.ended = false, false
	if err := p.header(header); err != nil {
		return notUnderstood("neighbor %q: %w", bgptext.Printable(string(header), 100), err)
	}
	return nil
}

// header reads "*192.0.2.11,  vrf RED,  remote AS 64513,  local AS 64512, external link", of which the asterisk marks a
// dynamic neighbor, and the VRF and the local AS may be missing.
func (p *neighborsParser) header(header []byte) (err error) {
	s := p.current
	address, rest, more := bytes.Cut(header, []byte(","))
	address, s.Dynamic = bytes.CutPrefix(address, []byte("*"))
	if s.Peer, s.Interface, err = bgptext.Peer(string(address)); err != nil {
		return err
	}
	for more && err == nil {
		var part []byte
		part, rest, more = bytes.Cut(rest, []byte(","))
		err = p.headerPart(bytes.TrimSpace(part))
	}
	return err
}

func (p *neighborsParser) headerPart(part []byte) (err error) {
	s := p.current
	if as, found := bytes.CutPrefix(part, []byte("remote AS ")); found {
		s.RemoteASN, err = bgptext.ASN(string(as))
	} else if as, found := bytes.CutPrefix(part, []byte("local AS ")); found {
		number, _ := bgptext.CutWord(as)
		s.LocalASN, err = bgptext.ASN(string(number))
	} else if vrf, found := bytes.CutPrefix(part, []byte("vrf ")); found {
		if s.VRF = p.names.Printable(string(vrf)); s.VRF == "" {
			err = errors.New("a VRF without a name")
		}
	}
	return err
}

// neighborLine reads a line of the current neighbor, without the space around it. Its first word tells it apart from most
// others.
func (p *neighborsParser) neighborLine(line []byte) error {
	switch first, rest := bgptext.CutWord(line); string(first) {
	case "BGP":
		return p.bgpLine(line, rest)
	case "Address":
		p.views[len(p.views)-1].agreement.Add(line)
	case "Member":
		if group, found := bytes.CutPrefix(rest, []byte(" of peer-group ")); found {
			group, _, _ = bytes.Cut(group, []byte(" for "))
			p.current.PeerGroup = p.names.Printable(string(group))
		}
	case "Last":
		if reason, found := bgptext.LastReset(line); found {
			p.reset(reason)
		}
	case "Administratively":
		p.current.AdminDown = p.current.AdminDown || bytes.HasPrefix(rest, []byte(" shut down"))
	}
	return nil
}

// bgpLine reads a line whose first word, before rest, is BGP.
func (p *neighborsParser) bgpLine(line, rest []byte) error {
	if version, found := bytes.CutPrefix(rest, []byte(" version ")); found {
		p.setRouterID(version)
	} else if state, found := bgptext.ParseNeighborState(line); found {
		return p.setState(state)
	}
	return nil
}

func (p *neighborsParser) setState(state bgptext.NeighborState) error {
	if p.hasState {
		return notUnderstood("neighbor %s has two states", p.current.Peer)
	}
	p.hasState = true
	p.current.State, p.current.Uptime = state.State, state.Uptime
	return nil
}

// reset takes the reason from the line that is a neighbor's last.
func (p *neighborsParser) reset(reason string) {
	p.ended = true
	if s := p.current; s.State != routerclient.Established && !s.AdminDown {
		s.Detail = bgptext.Printable(reason, maxDetail)
	}
}

// setRouterID reads "4, remote router ID 192.0.2.11", which is 0.0.0.0 before the first session.
func (p *neighborsParser) setRouterID(version []byte) {
	_, id, _ := bytes.Cut(version, []byte("remote router ID "))
	if addr, ok := bgptext.Addr(string(id)); ok && !addr.IsUnspecified() {
		p.current.PeerRouterID = addr
	}
}
