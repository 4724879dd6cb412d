package routeros

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// neighbor is an address that is configured, or that a session is with, in one VRF.
type neighbor struct {
	// connection is the name of what configured it, "" for one that a listen range admitted.
	connection string
	// anyVRF is true if the connection does not name a VRF: it may inherit one from its template.
	anyVRF bool
	// seen is true once a session with it is found.
	seen    bool
	session routerclient.Session
}

// table is what connections and sessions make together.
type table struct {
	neighbors []*neighbor
	byAddress map[string][]*neighbor
	ranges    []routerclient.ListenRange
	routerID  netip.Addr
	families  bgptext.Families
}

// merge returns the snapshot that the two lists of RouterOS 7 make.
func merge(connections []connection, sessions []session) (*routerclient.Snapshot, error) {
	if err := checkStates(sessions); err != nil {
		return nil, err
	}
	t := table{byAddress: map[string][]*neighbor{}}
	for _, c := range connections {
		if err := t.configure(c); err != nil {
			return nil, bgpjson.Error(fmt.Sprintf("%s: connection %q", readingConnections, c.Name.clip()), err)
		}
	}
	for _, s := range sessions {
		if err := t.observe(s); err != nil {
			return nil, bgpjson.Error(fmt.Sprintf("%s: session %q", readingSessions, s.Name.clip()), err)
		}
	}
	return t.snapshot(), nil
}

// checkStates fails if sessions that are up, as their uptimes say, lack the flag that says so: all would read as down.
func checkStates(sessions []session) error {
	hasUptime := false
	for _, s := range sessions {
		if s.Established != "" {
			return nil
		}
		hasUptime = hasUptime || s.Uptime != ""
	}
	if hasUptime {
		return notUnderstood("%s: they have uptimes, and none says whether it is established", readingSessions)
	}
	return nil
}

func (w word) clip() string { return bgptext.Printable(string(w), maxName) }

// everything is what a connection without a remote address takes.
var everything = []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0)}

// configure adds a connection's neighbors and listen ranges. A connection to a prefix that does not listen has neither.
func (t *table) configure(c connection) error {
	remotes := c.RemoteAddress.list()
	if len(remotes) == 0 {
		t.listen(c, everything...)
	}
	for _, remote := range remotes {
		address, prefix, err := parseRemote(remote)
		if err != nil {
			return err
		}
		if prefix.IsValid() {
			t.listen(c, prefix)
			continue
		}
		if err := t.addConfigured(c, address); err != nil {
			return err
		}
	}
	return nil
}

// parseRemote returns an address, or a valid prefix. RouterOS often prints an address as the prefix that holds no other,
// and that of a link-local neighbor with its interface: "fe80::11%ether1/128".
func parseRemote(s string) (address string, prefix netip.Prefix, err error) {
	bare, zone := cutZone(s)
	address, _, isPrefix := strings.Cut(bare, "/")
	if !isPrefix {
		return s, netip.Prefix{}, nil
	}
	prefix, err = netip.ParsePrefix(bare)
	switch {
	case err != nil:
		return "", netip.Prefix{}, fmt.Errorf("remote address %q is neither an address nor a prefix", bgptext.Printable(s, maxName))
	case prefix.IsSingleIP():
		return address + zone, netip.Prefix{}, nil
	}
	return "", prefix.Masked(), nil
}

// cutZone takes the interface out of an address or prefix, with its percent sign.
func cutZone(s string) (bare, zone string) {
	begin := strings.IndexByte(s, '%')
	if begin < 0 {
		return s, ""
	}
	end := len(s)
	if slash := strings.IndexByte(s[begin:], '/'); slash >= 0 {
		end = begin + slash
	}
	return s[:begin] + s[end:], s[begin:end]
}

func (t *table) listen(c connection, prefixes ...netip.Prefix) {
	if !c.Listen.is() || c.Disabled.is() {
		return
	}
	for _, prefix := range prefixes {
		t.ranges = append(t.ranges, routerclient.ListenRange{VRF: c.VRF.vrf(), Prefix: prefix, PeerGroup: c.Templates.clip()})
	}
}

func (t *table) addConfigured(c connection, address string) error {
	peer, iface, err := bgptext.Peer(address)
	if err != nil {
		return err
	}
	for _, known := range t.byAddress[addressKey(peer, iface)] {
		if known.session.VRF == c.VRF.vrf() {
			known.session.AdminDown = known.session.AdminDown && c.Disabled.is()
			return nil
		}
	}
	if err := routerclient.CheckSessions(len(t.neighbors) + 1); err != nil {
		return err
	}
	n := t.add(peer, iface)
	n.connection, n.anyVRF = string(c.Name), c.VRF == ""
	n.session.VRF = c.VRF.vrf()
	n.session.RemoteASN, n.session.LocalASN = c.RemoteAS.asn(), c.AS.asn()
	n.session.AdminDown = c.Disabled.is()
	n.session.PeerGroup = c.Templates.clip()
	if c.Inactive.is() && !c.Disabled.is() {
		n.session.Detail = "the connection is inactive"
	}
	return nil
}

func (t *table) add(peer netip.Addr, iface string) *neighbor {
	n := &neighbor{session: routerclient.Session{Peer: peer, Interface: iface, State: routerclient.Idle}}
	t.neighbors = append(t.neighbors, n)
	key := addressKey(peer, iface)
	t.byAddress[key] = append(t.byAddress[key], n)
	return n
}

// addressKey is what the configuration and the sessions call a neighbor. Only a link-local address needs the interface,
// and only for it do both say which.
func addressKey(peer netip.Addr, iface string) string {
	if !peer.IsLinkLocalUnicast() {
		return peer.String()
	}
	return peer.String() + "%" + iface
}

// observe adds what a session tells. Its address may have the VRF behind it, "192.0.2.11@red", as RouterOS writes all
// addresses that are in one. One that is not up, and that no connection accounts for, is the memory of a
// neighbor that was removed.
func (t *table) observe(s session) error {
	address, vrf, _ := strings.Cut(string(s.RemoteAddress), "@")
	if s.VRF == "" {
		s.VRF = word(vrf)
	}
	peer, iface, err := bgptext.Peer(address)
	if err != nil && !s.Established.is() {
		// One that waits for somebody to connect has no address yet.
		return nil
	}
	if err != nil {
		return err
	}
	n, err := t.find(s, addressKey(peer, iface))
	if err != nil {
		return err
	}
	if n == nil {
		from, admitted := t.admitting(s, peer)
		if !admitted && !s.Established.is() {
			return nil
		}
		if err := routerclient.CheckSessions(len(t.neighbors) + 1); err != nil {
			return err
		}
		n = t.add(peer, iface)
		n.session.VRF, n.session.PeerGroup, n.session.Dynamic = routerclient.DefaultVRF, from.PeerGroup, admitted
		if admitted {
			n.session.VRF = from.VRF
		}
	}
	if s.VRF != "" {
		n.session.VRF = s.VRF.vrf()
	}
	n.observe(s, &t.families)
	if id, err := netip.ParseAddr(string(s.LocalID)); err == nil && !t.routerID.IsValid() {
		t.routerID = id
	}
	return nil
}

// find returns the neighbor that a session is with, or nil. Where the same address is configured several times, the
// session's name decides, which begins with the connection's; and then the VRF, if both name it.
func (t *table) find(s session, key string) (*neighbor, error) {
	var fitting, named, inVRF []*neighbor
	for _, n := range t.byAddress[key] {
		if s.VRF != "" && !n.anyVRF && n.session.VRF != s.VRF.vrf() {
			continue
		}
		fitting = append(fitting, n)
		if strings.HasPrefix(string(s.Name), n.connection+"-") {
			named = append(named, n)
		}
		if s.VRF != "" && !n.anyVRF {
			inVRF = append(inVRF, n)
		}
	}
	switch {
	case len(fitting) == 0:
		return nil, nil
	case len(fitting) == 1:
		return fitting[0], nil
	case len(named) == 1:
		return named[0], nil
	case len(inVRF) == 1:
		return inVRF[0], nil
	}
	return nil, fmt.Errorf("%d connections in different VRFs have its address, and the router does not say which it belongs to", len(fitting))
}

// admitting returns the longest listen range that a neighbor is in.
func (t *table) admitting(s session, peer netip.Addr) (longest routerclient.ListenRange, found bool) {
	for _, r := range t.ranges {
		inVRF := s.VRF == "" || r.VRF == s.VRF.vrf()
		if inVRF && r.Prefix.Contains(peer) && (!found || r.Prefix.Bits() > longest.Prefix.Bits()) {
			longest, found = r, true
		}
	}
	return longest, found
}

func (t *table) snapshot() *routerclient.Snapshot {
	s := &routerclient.Snapshot{RouterID: t.routerID, ListenRanges: t.ranges, Sessions: make([]routerclient.Session, 0, len(t.neighbors))}
	for _, n := range t.neighbors {
		if !n.seen && !n.session.AdminDown && n.session.Detail == "" {
			n.session.Detail = "no session yet"
		}
		if n.session.VRF == routerclient.DefaultVRF && s.LocalASN == 0 {
			s.LocalASN = n.session.LocalASN
		}
		s.Sessions = append(s.Sessions, n.session)
	}
	return s
}
