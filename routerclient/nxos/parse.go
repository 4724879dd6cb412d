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
	neighbors    []*neighbor
	byKey        map[key]*neighbor
	listenRanges []routerclient.ListenRange
}

type key struct {
	vrf, id string
}

type neighbor struct {
	session routerclient.Session
}

func parseSummary(out routerclient.Output) (*table, error) {
	const action = "reading the BGP summary"
	dec, found := bgpjson.NewDecoder(out.Stdout, '{')
	if !found {
		return nil, withoutJSON(action, out)
	}
	vrfs, err := decodeVRFs(dec)
	if err == nil {
		err = bgpjson.End(dec)
	}
	if err != nil {
		return nil, bgpjson.Error(action, err)
	}
	if len(vrfs) == 0 {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: no VRF in the answer", action)
	}
	t := &table{byKey: map[key]*neighbor{}}
	for _, vrf := range vrfs {
		if err := t.addVRF(vrf); err != nil {
			return nil, bgpjson.Error(action, err)
		}
	}
	return t, nil
}

func (t *table) addVRF(vrf *vrfRow) error {
	if vrf.Name == "" {
		return errors.New("a VRF without a name")
	}
	id := parseRouterID(vrf.RouterID)
	if vrf.Name == routerclient.DefaultVRF {
		t.localASN = uint32(vrf.LocalASN)
	}
	if id.IsValid() && (vrf.Name == routerclient.DefaultVRF || !t.routerID.IsValid()) {
		t.routerID = id
	}
	for _, family := range vrf.Families {
		if err := t.addFamily(vrf, family); err != nil {
			return fmt.Errorf("VRF %s: %s: %w", bgptext.Printable(vrf.Name, 64), bgptext.Printable(family.Name, 64), err)
		}
	}
	return nil
}

// addFamily adds one address family's table of a VRF and holds it against NX-OS's own count. More neighbors than that
// are no damage: dynamic ones may not count as configured.
func (t *table) addFamily(vrf *vrfRow, family *familyRow) error {
	listed := family.Neighbors
	switch {
	case family.Name == "":
		return errors.New("an address family without a name")
	case family.Configured == nil && len(listed) > 0:
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "the router's count of its neighbors is missing")
	case family.Configured != nil && number(len(listed)) < *family.Configured:
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%d neighbors where the router counts %d", len(listed), *family.Configured)
	}
	seen := make(map[string]bool, len(listed))
	for _, row := range listed {
		if seen[row.ID] {
			return fmt.Errorf("neighbor %s comes twice", bgptext.Printable(row.ID, 64))
		}
		seen[row.ID] = true
		if err := t.addRow(vrf, family.Name, row); err != nil {
			return fmt.Errorf("neighbor %q: %w", bgptext.Printable(row.ID, 64), err)
		}
	}
	return nil
}

func (t *table) addRow(vrf *vrfRow, family string, row neighborRow) error {
	// The zone of a link-local address may have a slash, too: "fe80::1%Ethernet1/3".
	if strings.Contains(row.ID, "/") && !strings.Contains(row.ID, "%") {
		return t.addListenRange(vrf.Name, row.ID)
	}
	session, err := row.session()
	if err != nil {
		return err
	}
	session.VRF, session.LocalASN = vrf.Name, uint32(vrf.LocalASN)
	k := key{vrf.Name, row.ID}
	n, known := t.byKey[k]
	if !known {
		n = &neighbor{session: session}
		t.byKey[k] = n
		t.neighbors = append(t.neighbors, n)
	}
	if n.session.State != session.State {
		return fmt.Errorf("%s in one family and %s in another", n.session.State, session.State)
	}
	if afi, carriesServices := unicast[family]; carriesServices {
		n.session.Families = append(n.session.Families, routerclient.Family{AFI: afi, Received: uint64(row.Received)})
	}
	return nil
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
func (r neighborRow) session() (routerclient.Session, error) {
	peer, iface, err := bgptext.Peer(r.ID)
	if err != nil {
		return routerclient.Session{}, err
	}
	if r.State == "" {
		return routerclient.Session{}, errors.New("no state")
	}
	s := routerclient.Session{Peer: peer, Interface: iface, RemoteASN: uint32(r.ASN)}
	s.State, s.AdminDown = parseState(r.State)
	switch s.State {
	case routerclient.Established:
		s.Uptime = uptime(r.Time)
	case routerclient.Unrecognized:
		s.Detail = bgptext.Printable(r.State, maxDetail)
	}
	return s, nil
}

// parseState adds to the words of all platforms NX-OS's own: "Shut (Admin)", "Admin (Shut)" and "Shutdown" of a neighbor
// that was shut down, and "Open" for both OpenSent and OpenConfirm.
func parseState(word string) (state routerclient.State, adminDown bool) {
	lower := strings.ToLower(word)
	switch {
	case strings.HasPrefix(lower, "shut"), strings.HasPrefix(lower, "admin"):
		return routerclient.Idle, true
	case lower == "open":
		return routerclient.OpenSent, false
	}
	state, qualifier := bgptext.State(word)
	return state, qualifier == "Admin"
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
	s := &routerclient.Snapshot{RouterID: t.routerID, LocalASN: t.localASN, ListenRanges: t.listenRanges}
	s.Sessions = make([]routerclient.Session, 0, len(t.neighbors))
	for _, n := range t.neighbors {
		s.Sessions = append(s.Sessions, n.session)
	}
	return s
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
