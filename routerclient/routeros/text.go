package routeros

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

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
	sections, found, err := split(string(bgptext.Clean(out.Stdout)))
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
	peers, instances string
}

// split takes the answer apart at its marks. It is false if not even the first of them is there.
func split(answer string) (s sections, found bool, err error) {
	_, rest, found := cutLine(answer, peersMark)
	if !found {
		return sections{}, false, nil
	}
	count, rest, _ := strings.Cut(rest, "\n")
	if s.count, err = strconv.Atoi(strings.TrimSpace(count)); err != nil || s.count < 0 {
		return sections{}, true, notUnderstood("%q where the number of peers should be", bgptext.Printable(count, 20))
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
func cutLine(text, mark string) (before, after string, found bool) {
	if after, found = strings.CutPrefix(text, mark); found {
		return "", after, true
	}
	return strings.Cut(text, "\n"+mark)
}

func (s sections) snapshot() (*routerclient.Snapshot, error) {
	peers, err := parseRecords(s.peers)
	if err != nil {
		return nil, err
	}
	if len(peers) != s.count {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%d peers where the router counts %d", len(peers), s.count)
	}
	records, err := parseRecords(s.instances)
	if err != nil {
		return nil, fmt.Errorf("BGP instances: %w", err)
	}
	instances := map[string]instance{}
	for _, r := range records {
		instances[r.values["name"]] = newInstance(r)
	}
	return snapshotOf(peers, instances)
}

// instance is a BGP instance of RouterOS 6. One with a routing table of its own serves a VRF.
type instance struct {
	// isDefault is true for the one instance that cannot be removed.
	isDefault bool
	vrf       string
	asn       uint32
	routerID  netip.Addr
}

func newInstance(r record) instance {
	i := instance{isDefault: r.has('*'), vrf: word(r.values["routing-table"]).vrf(), asn: word(r.values["as"]).asn()}
	if id, err := netip.ParseAddr(r.values["router-id"]); err == nil && !id.IsUnspecified() {
		i.routerID = id
	}
	return i
}

func snapshotOf(peers []record, instances map[string]instance) (*routerclient.Snapshot, error) {
	s := &routerclient.Snapshot{Sessions: make([]routerclient.Session, 0, len(peers))}
	for _, r := range peers {
		session, err := r.session(instances)
		if err != nil {
			return nil, notUnderstood("peer %q: %w", bgptext.Printable(r.values["name"], maxName), err)
		}
		s.Sessions = append(s.Sessions, session)
	}
	for _, i := range instances {
		if i.isDefault {
			s.LocalASN, s.RouterID = i.asn, i.routerID
		}
	}
	return s, nil
}

// session returns what the record of a peer says.
func (r record) session(instances map[string]instance) (routerclient.Session, error) {
	instance, found := instances[r.values["instance"]]
	if !found {
		return routerclient.Session{}, fmt.Errorf("its instance %q is not in the list of instances", bgptext.Printable(r.values["instance"], maxName))
	}
	peer, iface, err := bgptext.Peer(r.values["remote-address"])
	if err != nil {
		return routerclient.Session{}, err
	}
	remoteASN, err := bgptext.ASN(r.values["remote-as"])
	if err != nil {
		return routerclient.Session{}, err
	}
	s := routerclient.Session{
		VRF: instance.vrf, Peer: peer, Interface: iface, RemoteASN: remoteASN, LocalASN: instance.asn,
		State: routerclient.Idle, AdminDown: r.has('X'),
	}
	if s.AdminDown {
		return s, nil
	}
	return s, r.addState(&s)
}

// addState holds the state against the flag that repeats it.
func (r record) addState(s *routerclient.Session) error {
	state := r.values["state"]
	s.State, _ = bgptext.State(state)
	if state == "" || r.has('E') != (s.State == routerclient.Established) {
		return fmt.Errorf("state %q with the flags %q", bgptext.Printable(state, 40), r.flags)
	}
	if s.State != routerclient.Established {
		return nil
	}
	s.Uptime = parseUptime(r.values["uptime"])
	if id, err := netip.ParseAddr(r.values["remote-id"]); err == nil {
		s.PeerRouterID = id.WithZone("").Unmap()
	}
	s.Families = families(word(r.values["address-families"]).list(), r.values["prefix-count"])
	return nil
}

func notUnderstood(format string, args ...any) error {
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, format, args...)
}
