package routeros

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

const readingPeers = "reading the BGP peers"

// parseText reads the answer to printPeers:
//
//	# peers 2
//	Flags: X - disabled, E - established
//	 0 E name="node-1" instance=default remote-address=192.0.2.11 … state=established
//	 1 X name="node-2" instance=default remote-address=192.0.2.12 …
//	# instances
//	Flags: * - default, X - disabled
//	 0 *  name="default" as=64512 router-id=192.0.2.1 …
//	# end
func parseText(out routerclient.Output) (*routerclient.Snapshot, error) {
	sections, found, err := split(bgptext.Clean(out.Stdout))
	if !found {
		words := posixsh.Words(out)
		if err := refusal(words); err != nil {
			return nil, fmt.Errorf("%s: %w", readingPeers, err)
		}
		return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: %s", readingPeers, words)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", readingPeers, err)
	}
	snapshot, err := sections.snapshot()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", readingPeers, err)
	}
	return snapshot, nil
}

// sections are the lists in the answer to printPeers, with the router's own count of the first.
type sections struct {
	count            int
	peers, instances []byte
}

// split takes the answer apart at its marks. It is false if not even the first of them is there.
func split(answer []byte) (s sections, found bool, err error) {
	_, rest, found := cutLine(answer, peersMark)
	if !found {
		return sections{}, false, nil
	}
	count, rest, _ := bytes.Cut(rest, []byte("\n"))
	if s.count, err = strconv.Atoi(string(bytes.TrimSpace(count))); err != nil || s.count < 0 {
		return sections{}, true, notUnderstood("%q where the number of peers should be", bgptext.Printable(string(count), 20))
	}
	var hasInstances, hasEnd bool
	s.peers, rest, hasInstances = cutLine(rest, instancesMark)
	s.instances, _, hasEnd = cutLine(rest, endMark)
	if !hasInstances || !hasEnd {
		return sections{}, true, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "the answer ends before its line %q", endMark)
	}
	return s, true, nil
}

// cutLine cuts around the first mark that begins a line.
func cutLine(text []byte, mark string) (before, after []byte, found bool) {
	if after, found = bytes.CutPrefix(text, []byte(mark)); found {
		return nil, after, true
	}
	return bytes.Cut(text, []byte("\n"+mark))
}

func (s sections) snapshot() (*routerclient.Snapshot, error) {
	p := peers{instances: map[string]instance{}}
	reader := recordReader{do: p.addInstance}
	if err := reader.read(s.instances); err != nil {
		return nil, fmt.Errorf("BGP instances: %w", err)
	}
	p.snapshot.Sessions = make([]routerclient.Session, 0, min(s.count, len(s.peers)/minPeer, routerclient.MaxSessions))
	reader = recordReader{do: p.add}
	if err := reader.read(s.peers); err != nil {
		return nil, err
	}
	if reader.records != s.count {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%d peers where the router counts %d", reader.records, s.count)
	}
	return &p.snapshot, nil
}

// minPeer is about what the shortest record of a peer takes in bytes. Only the room that is made beforehand depends on it.
const minPeer = 80

// instance is a BGP instance of RouterOS 6. One with a routing table of its own serves a VRF.
type instance struct {
	vrf string
	asn uint32
}

// peers makes a snapshot of records, first those of the instances.
type peers struct {
	snapshot  routerclient.Snapshot
	instances map[string]instance
	families  bgptext.Families
}

func (p *peers) addInstance(r *record) error {
	i := instance{vrf: word(r.value("routing-table")).vrf(), asn: word(r.value("as")).asn()}
	if r.has('*') {
		p.snapshot.LocalASN, p.snapshot.RouterID = i.asn, routerID(r.value("router-id"))
	}
	p.instances[string(r.value("name"))] = i
	return nil
}

// routerID returns the zero Addr for the 0.0.0.0 that stands for none.
func routerID(s []byte) netip.Addr {
	if id, ok := bgptext.Addr(string(s)); ok && !id.IsUnspecified() {
		return id
	}
	return netip.Addr{}
}

func (p *peers) add(r *record) error {
	is := readPeer(r)
	s, err := p.session(is, r)
	if err != nil {
		return notUnderstood("peer %q: %w", bgptext.Printable(string(is.name), maxName), err)
	}
	if err := routerclient.CheckSessions(len(p.snapshot.Sessions) + 1); err != nil {
		return err
	}
	p.snapshot.Sessions = append(p.snapshot.Sessions, s)
	return nil
}

// peer has the properties of a peer that are read.
type peer struct {
	name, instance, remoteAddress, remoteAS, state, uptime, remoteID, families, prefixCount []byte
}

func readPeer(r *record) (p peer) {
	for name, value := range r.properties() {
		switch string(name) {
		case "name":
			p.name = value
		case "instance":
			p.instance = value
		case "remote-address":
			p.remoteAddress = value
		case "remote-as":
			p.remoteAS = value
		case "state":
			p.state = value
		case "uptime":
			p.uptime = value
		case "remote-id":
			p.remoteID = value
		case "address-families":
			p.families = value
		case "prefix-count":
			p.prefixCount = value
		}
	}
	return p
}

// session returns what the record of a peer says.
func (p *peers) session(is peer, r *record) (s routerclient.Session, err error) {
	instance, found := p.instances[string(is.instance)]
	if !found {
		return s, fmt.Errorf("its instance %q is not in the list of instances", bgptext.Printable(string(is.instance), maxName))
	}
	s = routerclient.Session{VRF: instance.vrf, LocalASN: instance.asn, State: routerclient.Idle, AdminDown: r.has('X')}
	if s.Peer, s.Interface, err = bgptext.Peer(string(is.remoteAddress)); err != nil {
		return s, err
	}
	if s.RemoteASN, err = bgptext.ASN(string(is.remoteAS)); err != nil || s.AdminDown {
		return s, err
	}
	return s, p.addState(&s, is, r)
}

// addState holds the state against the flag that repeats it.
func (p *peers) addState(s *routerclient.Session, is peer, r *record) error {
	s.State, _ = bgptext.State(string(is.state))
	if len(is.state) == 0 || r.has('E') != (s.State == routerclient.Established) {
		return fmt.Errorf("state %q with the flags %q", bgptext.Printable(string(is.state), 40), r.flags)
	}
	if s.State != routerclient.Established {
		return nil
	}
	s.Uptime = parseUptime(string(is.uptime))
	if id, ok := bgptext.Addr(string(is.remoteID)); ok {
		s.PeerRouterID = id.WithZone("").Unmap()
	}
	s.Families = families(&p.families, word(is.families), string(is.prefixCount), false)
	return nil
}

func notUnderstood(format string, args ...any) error {
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, format, args...)
}
