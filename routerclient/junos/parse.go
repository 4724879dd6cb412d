package junos

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// summary is what is kept of the answer to showSummary: its rows by the neighbor's address.
type summary map[netip.Addr][]row

// row is a neighbor in the summary.
type row struct {
	// table is the first of the routing tables that its routes are in, "" without any.
	table string
	// up is how long it has been Established; 0 if it is not, or if that is not known.
	up time.Duration
}

func (p *peer) row() row {
	r := row{table: firstTable(p.ribs)}
	seconds, err := strconv.ParseInt(p.seconds, 10, 64)
	state, _ := bgptext.State(p.state)
	if err == nil && state == routerclient.Established && seconds > 0 && seconds <= math.MaxInt64/int64(time.Second) {
		r.up = time.Duration(seconds) * time.Second
	}
	return r
}

func firstTable(ribs []rib) string {
	if len(ribs) == 0 {
		return ""
	}
	return ribs[0].name
}

func parseSummary(out routerclient.Output) (summary, error) {
	const action = "reading the BGP summary"
	d, err := read(out)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", action, err)
	}
	count, err := strconv.ParseUint(d.peerCount, 10, 64)
	if err != nil {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: the router's count of its neighbors is missing", action)
	}
	if uint64(len(d.peers)) < count {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: %d neighbors where the router counts %d", action, len(d.peers), count)
	}
	s := make(summary, len(d.peers))
	for i := range d.peers {
		p := &d.peers[i]
		addr, _, err := p.parseAddress()
		if err != nil {
			return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: %w", action, err)
		}
		s[addr] = append(s[addr], p.row())
	}
	return s, nil
}

// neighbor is a session with what the whole snapshot takes from it.
type neighbor struct {
	session routerclient.Session
	localID netip.Addr
	ribs    []rib
}

func parseNeighbors(out routerclient.Output, s summary) ([]neighbor, error) {
	const action = "reading the BGP neighbors"
	d, err := read(out)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", action, err)
	}
	neighbors := make([]neighbor, len(d.peers))
	found := make(map[netip.Addr]int, len(d.peers))
	for i := range d.peers {
		if neighbors[i], err = d.peers[i].neighbor(); err != nil {
			return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: %w", action, err)
		}
		found[neighbors[i].session.Peer]++
	}
	for addr, rows := range s {
		if found[addr] < len(rows) {
			return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated,
				"%s: neighbor %s is there %d times, and %d times in the summary", action, addr, found[addr], len(rows))
		}
	}
	return neighbors, nil
}

// read returns an error also for a document without <bgp-information>.
func read(out routerclient.Output) (*document, error) {
	answer, found := pastBanners(bgptext.Clean(out.Stdout))
	if !found {
		return nil, refused(out, posixsh.Words(out))
	}
	d, err := decode(answer)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "the XML ends early")
	case routerclient.ReasonOf(err) == routerclient.ReasonAnswerTooLarge:
		return nil, err
	case err != nil:
		return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%w", err)
	case !d.hasBGP:
		return nil, refused(out, bgptext.Printable(d.words, maxDetail))
	}
	return d, nil
}

// pastBanners returns the answer from the line on that begins a reply, which banners drawn with "<" do not.
func pastBanners(answer []byte) ([]byte, bool) {
	for len(answer) > 0 {
		line := bytes.TrimLeft(answer, " \t")
		for _, beginning := range []string{"<rpc-reply", "<bgp-information", "<?xml"} {
			if bytes.HasPrefix(line, []byte(beginning)) {
				return line, true
			}
		}
		_, answer, _ = bytes.Cut(answer, []byte("\n"))
	}
	return nil, false
}

// refused is the error for an answer that says something else in place of sessions. To an account without the
// permission for a command, Junos says that there is no such command.
func refused(out routerclient.Output, words string) error {
	lower := strings.ToLower(words)
	switch {
	case strings.Contains(lower, "bgp is not running"), strings.Contains(lower, "bgp instance is not running"),
		strings.Contains(lower, "bgp instance not running"):
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning, "BGP is not running")
	case strings.Contains(lower, "subsystem not running"), strings.Contains(lower, "subsystem is not running"):
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning, "%s", words)
	case strings.Contains(lower, "permission denied"), strings.Contains(lower, "unknown command"):
		return routerclient.Errorf(routerclient.ReasonPermissionDenied, "the router refused (does the login class allow \"show bgp\"?): %s", words)
	}
	if err := posixsh.Refused(out); err != nil {
		return err
	}
	if len(bytes.TrimSpace(bgptext.Clean(out.Stdout))) == 0 && out.ExitStatus <= 0 {
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "the answer is empty (stderr: %s)", words)
	}
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "no sessions in the answer (exit status %d): %s", out.ExitStatus, words)
}

func (p *peer) neighbor() (neighbor, error) {
	addr, iface, err := p.parseAddress()
	if err != nil {
		return neighbor{}, err
	}
	if p.state == "" || p.as == "" {
		return neighbor{}, fmt.Errorf("neighbor %s without a state or an AS number", addr)
	}
	if p.instance == "" && p.forwarding != "" {
		return neighbor{}, fmt.Errorf("neighbor %s without a routing instance", addr)
	}
	s := routerclient.Session{
		VRF:          vrf(p.instance),
		Peer:         addr,
		Interface:    iface,
		PeerGroup:    bgptext.Printable(p.group, maxDetail),
		PeerRouterID: identifier(p.id),
		Dynamic:      hasWord(p.flags, "Unconfigured"),
		AdminDown:    hasWord(p.optionsExtended, "Shutdown"),
	}
	if s.RemoteASN, err = bgptext.ASN(p.as); err != nil {
		return neighbor{}, fmt.Errorf("neighbor %s: %w", addr, err)
	}
	if s.LocalASN, err = bgptext.ASN(p.localAS); err != nil && p.localAS != "" {
		return neighbor{}, fmt.Errorf("neighbor %s: %w", addr, err)
	}
	s.State, _ = bgptext.State(p.state)
	s.FamiliesNegotiated = s.State == routerclient.Established && p.sessionNLRI != ""
	s.Families = p.families(s.FamiliesNegotiated)
	if s.State != routerclient.Established && !s.AdminDown {
		s.Detail = p.reason()
	}
	return neighbor{session: s, localID: identifier(p.localID), ribs: p.ribs}, nil
}

// families has one of each AFI, from the first of its tables: behind it come those of instances that VPN routes end up in.
func (p *peer) families(negotiated bool) []routerclient.Family {
	var families []routerclient.Family
	for _, r := range p.ribs {
		family, isUnicast := r.family()
		known := slices.ContainsFunc(families, func(f routerclient.Family) bool { return f.AFI == family.AFI })
		if isUnicast && !known && (!negotiated || hasWord(p.sessionNLRI, unicast[family.AFI])) {
			families = append(families, family)
		}
	}
	return families
}

// unicast are Junos' names of the families that carry routes to services.
var unicast = map[routerclient.AFI]string{routerclient.IPv4: "inet-unicast", routerclient.IPv6: "inet6-unicast"}

// reason returns "" if the router gives none. The last error outlives the session that it ended.
func (p *peer) reason() string {
	var words []string
	if hasWord(p.flags, "PeerInterfaceError") {
		words = append(words, "PeerInterfaceError")
	}
	if p.lastError != "" && p.lastError != "None" {
		words = append(words, "last error: "+p.lastError)
	}
	return bgptext.Printable(strings.Join(words, "; "), maxDetail)
}

func vrf(instance string) string {
	if instance == "" || instance == "master" {
		return routerclient.DefaultVRF
	}
	return bgptext.Printable(instance, maxDetail)
}

func hasWord(words, word string) bool {
	for w := range strings.FieldsSeq(words) {
		if w == word {
			return true
		}
	}
	return false
}

// identifier returns the zero Addr where the router shows none, or 0.0.0.0.
func identifier(s string) netip.Addr {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Is4() && !addr.IsUnspecified() {
		return addr
	}
	return netip.Addr{}
}

// uptime returns how long n has been up. Of several instances with the same neighbor it takes the one with the same
// table of routes, and where that does not tell them apart the shortest time, which is never more than the truth.
func (s summary) uptime(n *neighbor) time.Duration {
	var shortest, shortestOfTable time.Duration
	for _, r := range s[n.session.Peer] {
		shortest = shorter(shortest, r.up)
		if r.table != "" && r.table == firstTable(n.ribs) {
			shortestOfTable = shorter(shortestOfTable, r.up)
		}
	}
	if shortestOfTable > 0 {
		return shortestOfTable
	}
	return shortest
}

// shorter takes 0 for not known.
func shorter(a, b time.Duration) time.Duration {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

func snapshot(neighbors []neighbor, s summary) *routerclient.Snapshot {
	snapshot := &routerclient.Snapshot{Sessions: make([]routerclient.Session, 0, len(neighbors))}
	for i := range neighbors {
		n := &neighbors[i]
		inDefault := n.session.VRF == routerclient.DefaultVRF
		if n.session.State == routerclient.Established {
			n.session.Uptime = s.uptime(n)
		}
		if inDefault && snapshot.LocalASN == 0 {
			snapshot.LocalASN = n.session.LocalASN
		}
		if n.localID.IsValid() && (inDefault || !snapshot.RouterID.IsValid()) {
			snapshot.RouterID = n.localID
		}
		snapshot.Sessions = append(snapshot.Sessions, n.session)
	}
	return snapshot
}
