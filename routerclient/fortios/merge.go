package fortios

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// rootVDOM is the VDOM that every FortiGate has, and the only one where VDOMs are not enabled.
const rootVDOM = "root"

// merge returns the snapshot that the three answers make. Each VDOM must be in all of them.
func merge(ipv4, ipv6 map[string][]neighbor, configured map[string]config) (*routerclient.Snapshot, error) {
	if err := checkVDOMs(ipv4, ipv6, configured); err != nil {
		return nil, err
	}
	if err := checkRoom(ipv4, ipv6, configured); err != nil {
		return nil, err
	}
	snapshot := &routerclient.Snapshot{}
	running := false
	for _, vdom := range slices.Sorted(maps.Keys(configured)) {
		t := newTable(vdom, configured[vdom])
		if err := t.fill(ipv4[vdom], ipv6[vdom]); err != nil {
			return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "VDOM %s: %w", bgptext.Printable(vdom, maxName), err)
		}
		running = running || t.config.AS != 0 || len(t.sessions) > 0 || len(t.ranges) > 0
		t.addTo(snapshot)
	}
	if !running {
		return nil, routerclient.Errorf(routerclient.ReasonBGPNotRunning, `reading the BGP configuration: no VDOM has an "as" in "config router bgp"`)
	}
	return snapshot, nil
}

func checkVDOMs(ipv4, ipv6 map[string][]neighbor, configured map[string]config) error {
	if len(configured) == 0 {
		return routerclient.Errorf(routerclient.ReasonPermissionDenied, "reading the BGP configuration: the account sees no VDOM")
	}
	vdoms := slices.Sorted(maps.Keys(configured))
	for _, other := range []map[string][]neighbor{ipv4, ipv6} {
		if others := slices.Sorted(maps.Keys(other)); !slices.Equal(vdoms, others) {
			return routerclient.Errorf(routerclient.ReasonAnswerTruncated,
				"reading the BGP neighbors: VDOMs %s, and in the configuration %s", names(others), names(vdoms))
		}
	}
	return nil
}

// checkRoom counts the neighbors of all VDOMs, one that is configured once more if it is not shown.
func checkRoom(ipv4, ipv6 map[string][]neighbor, configured map[string]config) error {
	neighbors, ranges := 0, 0
	for vdom, c := range configured {
		neighbors += max(len(ipv4[vdom])+len(ipv6[vdom]), len(c.Neighbors))
		ranges += len(c.Ranges) + len(c.Ranges6)
	}
	return routerclient.CheckSessions(max(neighbors, ranges, len(configured)))
}

func names(vdoms []string) string { return bgptext.Printable(strings.Join(vdoms, ", "), 200) }

// table is the neighbors of one VDOM.
type table struct {
	vrf       string
	config    config
	sessions  []*routerclient.Session
	byAddress map[string]*routerclient.Session
	ranges    []routerclient.ListenRange
}

func newTable(vdom string, c config) *table {
	vrf := bgptext.Printable(vdom, maxName)
	if vdom == rootVDOM {
		vrf = routerclient.DefaultVRF
	}
	return &table{vrf: vrf, config: c, byAddress: map[string]*routerclient.Session{}}
}

func (t *table) fill(ipv4, ipv6 []neighbor) error {
	for _, neighbors := range [][]neighbor{ipv4, ipv6} {
		if err := t.observe(neighbors); err != nil {
			return err
		}
	}
	return t.configure()
}

// observe adds neighbors as the router sees them. One that is in both answers is Established only if both say so: it
// came up, or went down, between the two.
func (t *table) observe(neighbors []neighbor) error {
	for _, n := range neighbors {
		seen, err := n.session()
		if err != nil {
			return fmt.Errorf("neighbor %s: %w", bgptext.Printable(n.IP, maxName), err)
		}
		known := t.add(seen)
		if known.State == routerclient.Established {
			known.State = seen.State
		}
		known.AdminDown = known.AdminDown || seen.AdminDown
	}
	return nil
}

// add returns the session with the address of s, which is s if there was none.
func (t *table) add(s *routerclient.Session) *routerclient.Session {
	key := s.Peer.String() + "%" + s.Interface
	if known, found := t.byAddress[key]; found {
		return known
	}
	s.VRF, s.LocalASN = t.vrf, uint32(t.config.AS)
	t.byAddress[key] = s
	t.sessions = append(t.sessions, s)
	return s
}

func (n neighbor) session() (*routerclient.Session, error) {
	peer, iface, err := bgptext.Peer(n.IP)
	switch {
	case err != nil:
		return nil, err
	case n.State == "" || n.AdminStatus == nil:
		return nil, errors.New("no state")
	}
	s := &routerclient.Session{Peer: peer, Interface: iface, RemoteASN: uint32(n.RemoteAS), AdminDown: !*n.AdminStatus}
	s.State, _ = bgptext.State(n.State)
	if s.State == routerclient.Unrecognized {
		s.Detail = bgptext.Printable(n.State, 200)
	}
	return s, nil
}

// configure adds the listen ranges, and what the router should have shown. A neighbor that is not configured, but inside
// a range, came through it.
func (t *table) configure() error {
	if err := t.listen(); err != nil {
		return err
	}
	for _, s := range t.sessions {
		s.PeerGroup, s.Dynamic = t.admitting(s.Peer)
	}
	for _, c := range t.config.Neighbors {
		peer, iface, err := bgptext.Peer(c.IP)
		if err != nil {
			return err
		}
		s := t.add(&routerclient.Session{
			Peer: peer, Interface: iface, RemoteASN: uint32(c.RemoteAS), State: routerclient.Idle,
			Detail: "configured, but not in the router's list of neighbors",
		})
		s.PeerGroup, s.Dynamic = "", false
		if c.Shutdown == "enable" {
			s.AdminDown, s.Detail = true, ""
		}
	}
	return nil
}

func (t *table) listen() error {
	for _, r := range t.config.Ranges {
		if err := t.addRange(r.Prefix, r.Group); err != nil {
			return err
		}
	}
	for _, r := range t.config.Ranges6 {
		if err := t.addRange(r.Prefix, r.Group); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) addRange(prefix, group string) error {
	p, err := parsePrefix(prefix)
	if err != nil {
		return err
	}
	t.ranges = append(t.ranges, routerclient.ListenRange{VRF: t.vrf, Prefix: p, PeerGroup: bgptext.Printable(group, maxName)})
	return nil
}

// parsePrefix reads "192.0.2.0 255.255.255.0", as FortiOS writes IPv4, and "2001:db8::/64".
func parsePrefix(s string) (netip.Prefix, error) {
	invalid := fmt.Errorf("range %q is no prefix", bgptext.Printable(s, maxName))
	address, mask, spelledOut := strings.Cut(s, " ")
	if !spelledOut {
		prefix, err := netip.ParsePrefix(s)
		if err != nil {
			return netip.Prefix{}, invalid
		}
		return prefix.Masked(), nil
	}
	a, errAddress := netip.ParseAddr(address)
	m, errMask := netip.ParseAddr(mask)
	if errAddress != nil || errMask != nil || !a.Is4() || !m.Is4() {
		return netip.Prefix{}, invalid
	}
	bits, size := net.IPMask(m.AsSlice()).Size()
	if size == 0 {
		return netip.Prefix{}, invalid
	}
	return netip.PrefixFrom(a, bits).Masked(), nil
}

// admitting returns the group of the longest listen range that an address is in.
func (t *table) admitting(peer netip.Addr) (group string, found bool) {
	longest := -1
	for _, r := range t.ranges {
		if r.Prefix.Contains(peer) && r.Prefix.Bits() > longest {
			group, longest = r.PeerGroup, r.Prefix.Bits()
		}
	}
	return group, longest >= 0
}

func (t *table) addTo(snapshot *routerclient.Snapshot) {
	if t.vrf == routerclient.DefaultVRF {
		snapshot.LocalASN = uint32(t.config.AS)
	}
	id, err := netip.ParseAddr(t.config.RouterID)
	if err == nil && !id.IsUnspecified() && (t.vrf == routerclient.DefaultVRF || !snapshot.RouterID.IsValid()) {
		snapshot.RouterID = id
	}
	for _, s := range t.sessions {
		snapshot.Sessions = append(snapshot.Sessions, *s)
	}
	snapshot.ListenRanges = append(snapshot.ListenRanges, t.ranges...)
}
