package nxos

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// table is the answer with the families of each neighbor merged.
type table struct {
	routerID     netip.Addr
	localASN     uint32
	sessions     []routerclient.Session
	listenRanges []routerclient.ListenRange

	// index numbers the sessions, and lastFamily has for each the number of the family's table that it was in last.
	index      bgptext.Index
	lastFamily []int
	families   int
	room       bgptext.Families

	// remembered is what is known of the sessions that are up, for the next poll.
	remembered map[bgptext.Key]remembered
}

func parseSummary(out routerclient.Output) (*table, error) {
	const action = "reading the BGP summary"
	scanner, found := bgpjson.NewScanner(out.Stdout, '{')
	if !found {
		return nil, withoutJSON(action, out)
	}
	r := reader{Scanner: scanner}
	if err := r.read(); err != nil {
		return nil, bgpjson.Error(action, err)
	}
	if len(r.vrfs) == 0 {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: no VRF in the answer", action)
	}
	t := newTable(r.vrfs)
	for _, vrf := range r.vrfs {
		if err := t.addVRF(vrf); err != nil {
			return nil, bgpjson.Error(action, err)
		}
	}
	return t, nil
}

// newTable returns one with the room for the neighbors that have one family in common.
func newTable(vrfs []*vrfRow) *table {
	room := 0
	for _, vrf := range vrfs {
		most := 0
		for _, family := range vrf.families {
			most = max(most, len(family.neighbors))
		}
		room += most
	}
	t := &table{
		sessions:   make([]routerclient.Session, 0, room),
		lastFamily: make([]int, 0, room),
		remembered: map[bgptext.Key]remembered{},
	}
	t.index.Grow(room)
	return t
}

func (t *table) addVRF(vrf *vrfRow) error {
	if vrf.name == "" {
		return errors.New("a VRF without a name")
	}
	id := parseRouterID(vrf.routerID)
	if vrf.name == routerclient.DefaultVRF {
		t.localASN = vrf.localASN
	}
	if id.IsValid() && (vrf.name == routerclient.DefaultVRF || !t.routerID.IsValid()) {
		t.routerID = id
	}
	for _, family := range vrf.families {
		if err := t.addFamily(vrf, family); err != nil {
			return fmt.Errorf("VRF %s: %s: %w", bgptext.Printable(vrf.name, 64), bgptext.Printable(family.name, 64), err)
		}
	}
	return nil
}

// addFamily adds one address family's table of a VRF, and holds it against NX-OS's own counts.
func (t *table) addFamily(vrf *vrfRow, family *familyRow) error {
	if family.name == "" {
		return errors.New("an address family without a name")
	}
	t.families++
	up := 0
	for i := range family.neighbors {
		row := &family.neighbors[i]
		established, err := t.addRow(vrf, family.name, row)
		if err != nil {
			return fmt.Errorf("neighbor %q: %w", bgptext.Printable(string(row.id), 64), err)
		}
		if established {
			up++
		}
	}
	return family.checkWhole(up)
}

// checkWhole holds the rows, of which so many are up, against NX-OS's counts. More rows than configured are no damage:
// dynamic neighbors may not count as configured. Fewer are none if all that are up are there: a prefix that neighbors
// are taken from is counted as one that is configured, and has no row.
func (f *familyRow) checkWhole(up int) error {
	listed := uint64(len(f.neighbors))
	switch {
	case f.configured == notShown && listed == 0, f.configured != notShown && listed >= f.configured:
		return nil
	case f.configured == notShown:
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "the router's count of its neighbors is missing")
	case f.capable == notShown:
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%d neighbors where the router counts %d", listed, f.configured)
	case uint64(up) < f.capable:
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%d neighbors are up where the router counts %d", up, f.capable)
	}
	return nil
}

func (t *table) addRow(vrf *vrfRow, family string, row *neighborRow) (established bool, err error) {
	id := string(row.id)
	// The zone of a link-local address may have a slash, too: "fe80::1%Ethernet1/3".
	if strings.Contains(id, "/") && !strings.Contains(id, "%") {
		return false, t.addListenRange(vrf.name, id)
	}
	session, err := row.session(id)
	if err != nil {
		return false, err
	}
	session.VRF, session.LocalASN = vrf.name, vrf.localASN
	n, known := t.index.Add(keyOf(&session))
	if !known {
		if err := routerclient.CheckSessions(len(t.sessions) + 1); err != nil {
			return false, err
		}
		t.sessions = append(t.sessions, session)
		t.lastFamily = append(t.lastFamily, 0)
	}
	s := &t.sessions[n]
	switch {
	case t.lastFamily[n] == t.families:
		return false, errors.New("it comes twice")
	case s.State != session.State:
		return false, fmt.Errorf("%s in one family and %s in another", s.State, session.State)
	}
	t.lastFamily[n] = t.families
	if afi, carriesServices := unicast[family]; carriesServices {
		s.Families = t.room.Append(s.Families, routerclient.Family{AFI: afi, Received: row.received})
	}
	return s.State == routerclient.Established, nil
}

// unicast are the families that carry routes to services. A neighbor in another, EVPN say, is a session all the same.
var unicast = map[string]routerclient.AFI{"IPv4 Unicast": routerclient.IPv4, "IPv6 Unicast": routerclient.IPv6}

func (t *table) addListenRange(vrf, id string) error {
	prefix, err := netip.ParsePrefix(id)
	if err != nil {
		return errors.New("neither an address nor a prefix")
	}
	listenRange := routerclient.ListenRange{VRF: vrf, Prefix: prefix.Masked()}
	if !slices.Contains(t.listenRanges, listenRange) {
		t.listenRanges = append(t.listenRanges, listenRange)
	}
	return nil
}

// session returns the neighbor as one family shows it, without VRF and families.
func (r *neighborRow) session(id string) (routerclient.Session, error) {
	peer, iface, err := bgptext.Peer(id)
	if err != nil {
		return routerclient.Session{}, err
	}
	if len(r.state) == 0 {
		return routerclient.Session{}, errors.New("no state")
	}
	s := routerclient.Session{Peer: peer, Interface: iface, RemoteASN: r.asn}
	var qualifier string
	s.State, qualifier = parseState(string(r.state))
	s.AdminDown = qualifier == "Admin"
	switch {
	case s.State == routerclient.Established:
		s.Uptime = uptime(string(r.time))
	case s.State == routerclient.Unrecognized, qualifier != "" && !s.AdminDown:
		s.Detail = bgptext.Printable(string(r.state), maxDetail)
	}
	return s, nil
}

// parseState adds to the words of all platforms NX-OS's own: "Shut (Admin)", "Admin (Shut)" and "Shutdown" of a neighbor
// that was shut down, and "Open" for both OpenSent and OpenConfirm.
func parseState(word string) (state routerclient.State, qualifier string) {
	if word == string(routerclient.Established) {
		return routerclient.Established, ""
	}
	lower := strings.ToLower(word)
	switch {
	case strings.HasPrefix(lower, "shut"), strings.HasPrefix(lower, "admin"):
		return routerclient.Idle, "Admin"
	case lower == "open":
		return routerclient.OpenSent, ""
	}
	return bgptext.State(word)
}

// parseRouterID returns the zero Addr for the 0.0.0.0 of a VRF that has none, and for what is none.
func parseRouterID(s string) netip.Addr {
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.IsUnspecified() {
		return netip.Addr{}
	}
	return addr
}

func (t *table) snapshot() *routerclient.Snapshot {
	return &routerclient.Snapshot{RouterID: t.routerID, LocalASN: t.localASN, Sessions: t.sessions, ListenRanges: t.listenRanges}
}

// withoutJSON is the error for an answer that holds no JSON at all. Without "feature bgp" NX-OS does not know the
// command, whoever asks; an account that lacks the right is told so in other words.
func withoutJSON(action string, out routerclient.Output) error {
	if err := posixsh.Refused(out); err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	words := posixsh.Words(out)
	switch lower := strings.ToLower(words); {
	case strings.Contains(lower, "invalid command"):
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning, "%s: NX-OS has no BGP commands; is \"feature bgp\" in its configuration? (%s)", action, words)
	case strings.Contains(lower, "not running"), strings.Contains(lower, "not configured"):
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning, "%s: %s", action, words)
	case len(out.Stdout)+len(out.Stderr) == 0:
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: the answer is empty", action)
	}
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: no JSON in the answer (exit status %d): %s", action, out.ExitStatus, words)
}
