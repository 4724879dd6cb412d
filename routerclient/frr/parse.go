package frr

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// instance is one "router bgp" of the router: a VRF, or a view.
type instance struct {
	vrf      string
	routerID netip.Addr
	asn      uint32
	families int
	// hasPeerGroups is what every family of the instance repeats.
	hasPeerGroups bool
	neighbors     []*neighbor
	byName        map[string]*neighbor
	listenRanges  []routerclient.ListenRange
}

// mayHavePeerGroups is true also for an instance that shows no neighbor, and so no count: it may wait for all of them
// on a listen range.
func (i *instance) mayHavePeerGroups() bool { return i.hasPeerGroups || i.families == 0 }

func (i *instance) add(n *neighbor) {
	i.neighbors = append(i.neighbors, n)
	i.byName[n.name] = n
}

// neighbor is a session under the name that FRR has for it: an address, or the interface of an unnumbered one.
type neighbor struct {
	name    string
	session routerclient.Session
	// listed is how many address families list it, unicast or not.
	listed int
	// establishedAt is when the session came up, in seconds by the router's clock; 0 where FRR does not say.
	establishedAt int64
}

// parseSummary reads the answer to showSummary:
//
//	{"default":{"ipv4Unicast":{"routerId":…,"as":…,"peers":{"192.0.2.1":{…},…},"totalPeers":3},"ipv6Unicast":…},"red":…}
func parseSummary(out routerclient.Output) ([]*instance, error) {
	const action = "reading the BGP summary"
	scanner, found := bgpjson.NewScanner(out.Stdout, '{')
	if !found {
		return nil, withoutJSON(action, out)
	}
	instances, err := readInstances(scanner)
	if err != nil {
		return nil, bgpjson.Error(action, err)
	}
	if len(instances) == 0 {
		return nil, routerclient.Errorf(routerclient.ReasonBGPNotRunning,
			"%s: FRR runs no BGP instance; is there a \"router bgp\" in its configuration?", action)
	}
	return instances, nil
}

func readInstances(s *bgpjson.Scanner) ([]*instance, error) {
	var instances []*instance
	neighbors := 0
	err := s.Map(func(name []byte) error {
		vrf := string(name)
		if err := checkName(vrf); err != nil {
			return err
		}
		i := newInstance(vrf)
		instances = append(instances, i)
		if err := i.readFamilies(s); err != nil {
			return fmt.Errorf("VRF %s: %w", vrf, err)
		}
		neighbors += len(i.neighbors)
		return routerclient.CheckSessions(max(neighbors, len(instances)))
	})
	if err != nil {
		return nil, err
	}
	return instances, s.End()
}

func newInstance(vrf string) *instance { return &instance{vrf: vrf, byName: map[string]*neighbor{}} }

// readFamilies reads the tables of an instance's address families.
func (i *instance) readFamilies(s *bgpjson.Scanner) error {
	return s.Object(func(family []byte) error {
		i.families++
		if err := i.readFamily(s, string(family)); err != nil {
			return fmt.Errorf("family %s: %w", bgptext.Printable(string(family), 64), err)
		}
		return nil
	})
}

// checkName refuses names that could not be asked back for: they would split into several words of a vtysh command.
func checkName(name string) error {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '|' || r == '?' }) {
		return fmt.Errorf("%q is no name of a VRF or neighbor", bgptext.Printable(name, 64))
	}
	return nil
}

// table is what an address family's table says besides its neighbors. FRR counts those that it has, and in some releases
// those that it shows.
type table struct {
	routerID        string
	asn             uint32
	counted         bool
	total, displays uint64
	peers           uint64
}

// readFamily reads one address family's table of an instance and holds it against FRR's own count.
func (i *instance) readFamily(s *bgpjson.Scanner, family string) error {
	var t table
	err := s.Object(func(name []byte) error {
		switch string(name) {
		case "routerId":
			return s.String(&t.routerID)
		case "as":
			return s.ASN(&t.asn)
		case "totalPeers":
			t.counted = true
			return s.Count(&t.total)
		case "displayedPeers":
			return s.Count(&t.displays)
		case "peers":
			return s.Map(func(name []byte) error {
				t.peers++
				return i.readPeer(s, family, string(name))
			})
		case "peerGroupCount", "peerGroupMemory":
			// FRR leaves both out where there is no peer group.
			i.hasPeerGroups = true
		}
		return s.Skip()
	})
	if err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	i.asn = t.asn
	i.routerID, err = parseRouterID(t.routerID)
	return err
}

// check fails if the table has fewer neighbors than the router says. More are no damage: they come from releases and
// filters that count differently, and hide nothing.
func (t *table) check() error {
	if !t.counted {
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "the router's count of its neighbors is missing")
	}
	if want := max(t.total, t.displays); t.peers < want {
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%d neighbors where the router counts %d", t.peers, want)
	}
	return nil
}

// summaryPeer is a neighbor in one family's table. Its texts are parts of the answer.
type summaryPeer struct {
	remoteAS, localAS                uint32
	dynamic                          bool
	uptimeMilliseconds               int64
	establishedAt                    int64
	received                         uint64
	state, peerState, identifiedWith []byte
}

func (p *summaryPeer) read(s *bgpjson.Scanner) error {
	return s.Object(func(name []byte) (err error) {
		switch string(name) {
		case "remoteAs":
			return s.ASN(&p.remoteAS)
		case "localAs":
			return s.ASN(&p.localAS)
		case "dynamicPeer":
			return s.Bool(&p.dynamic)
		case "peerUptimeMsec":
			return s.Int(&p.uptimeMilliseconds)
		case "peerUptimeEstablishedEpoch":
			return s.Int(&p.establishedAt)
		case "pfxRcd", "prefixReceivedCount": // the second before 7.4
			return s.Count(&p.received)
		case "state":
			p.state, err = s.Text()
			return err
		case "peerState":
			p.peerState, err = s.Text()
			return err
		case "idType":
			p.identifiedWith, err = s.Text()
			return err
		}
		return s.Skip()
	})
}

func (i *instance) readPeer(s *bgpjson.Scanner, family, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	var p summaryPeer
	if err := p.read(s); err != nil {
		return fmt.Errorf("neighbor %s: %w", name, err)
	}
	session, err := p.session(i.vrf, name)
	if err != nil {
		return fmt.Errorf("neighbor %s: %w", name, err)
	}
	known, found := i.byName[name]
	if !found {
		if err := routerclient.CheckSessions(len(i.neighbors) + 1); err != nil {
			return err
		}
		known = &neighbor{name: name, session: session, establishedAt: p.establishedAt}
		i.add(known)
	}
	if known.session.State != session.State {
		return fmt.Errorf("neighbor %s is %s in one family and %s in another", name, known.session.State, session.State)
	}
	known.listed++
	known.session.PolicyBlocked = known.session.PolicyBlocked && session.PolicyBlocked
	if afi, isUnicast := unicast[family]; isUnicast {
		known.session.Families = append(known.session.Families, routerclient.Family{AFI: afi, Received: p.received})
	}
	return nil
}

// unicast are the families that carry routes to services. A neighbor in another, EVPN say, is a session all the same.
var unicast = map[string]routerclient.AFI{"ipv4Unicast": routerclient.IPv4, "ipv6Unicast": routerclient.IPv6}

// session returns the neighbor as one family shows it, without the family's prefixes.
func (p *summaryPeer) session(vrf, name string) (routerclient.Session, error) {
	if len(p.state) == 0 {
		return routerclient.Session{}, errors.New("no state")
	}
	state, qualifier := bgptext.State(string(p.state))
	s := routerclient.Session{
		VRF:       vrf,
		RemoteASN: p.remoteAS,
		LocalASN:  p.localAS,
		State:     state,
		AdminDown: qualifier == "Admin" || string(p.peerState) == "Admin",
		Dynamic:   p.dynamic,
	}
	if state == routerclient.Established {
		s.Uptime = uptime(p.uptimeMilliseconds)
		// FRR says "Policy" of neighbors that are down as well.
		s.PolicyBlocked = string(p.peerState) == "Policy"
	} else if string(p.state) != string(state) && !s.AdminDown {
		s.Detail = bgptext.Printable(string(p.state), maxDetail)
	}
	var err error
	s.Peer, s.Interface, err = identify(name, string(p.identifiedWith))
	return s, err
}

// identify tells an address from the interface of an unnumbered neighbor. The idType is "" before FRR 5.
func identify(name, idType string) (peer netip.Addr, iface string, err error) {
	peer, iface, err = bgptext.Peer(name)
	if err != nil && idType != "ipv4" && idType != "ipv6" {
		return netip.Addr{}, name, nil
	}
	return peer, iface, err
}

func uptime(milliseconds int64) time.Duration {
	if milliseconds < 0 || milliseconds > math.MaxInt64/int64(time.Millisecond) {
		return 0
	}
	return time.Duration(milliseconds) * time.Millisecond
}

// parseRouterID returns the zero Addr for the 0.0.0.0 of an instance that has none.
func parseRouterID(s string) (netip.Addr, error) {
	if s == "" {
		return netip.Addr{}, nil
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("router ID %q is no address", bgptext.Printable(s, 64))
	}
	if addr.IsUnspecified() {
		return netip.Addr{}, nil
	}
	return addr, nil
}

// withoutJSON is the error for an answer that holds no JSON at all: vtysh's complaints, or those of what runs it.
func withoutJSON(action string, out routerclient.Output) error {
	switch said := string(out.Stderr) + string(out.Stdout); {
	case strings.Contains(said, "bgpd is not running"):
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning, "%s: bgpd is not running", action)
	case strings.Contains(said, "failed to connect to any daemons"):
		return routerclient.Errorf(routerclient.ReasonPermissionDenied,
			"%s: vtysh failed to connect to any daemons: the account may not open FRR's sockets (is a commandPrefix needed?), or FRR is not started", action)
	}
	words := posixsh.Words(out)
	if err := posixsh.Refused(out); err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	if len(out.Stdout) == 0 && out.ExitStatus == 0 {
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: the answer is empty (stderr: %s)", action, words)
	}
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: no JSON in the answer (exit status %d): %s", action, out.ExitStatus, words)
}
