// Package zebos reads the text that IP Infusion's ZebOS prints, the routing stack inside EdgeOS, FortiOS and F5's imish.
// Quagga and FRR before 8.0 print the same table.
package zebos

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// Summary is the answer to "show ip bgp summary" or its IPv6 twin.
type Summary struct {
	RouterID netip.Addr
	LocalASN uint32
	// Sessions are the rows, in their order. Each has the table's address family; but a neighbor with an IPv6 address
	// has IPv4 only if it brought prefixes, because the IPv4 table lists the neighbors of both.
	Sessions []routerclient.Session
}

const (
	identifierLine = "BGP router identifier "
	totalLine      = "Total number of neighbors "
	// maxLine is far beyond any line of the table, and keeps one of megabytes from being taken apart.
	maxLine = 512
	// minRow is less than a row takes up to its last column, which is aligned. Only the room that is made beforehand
	// depends on it.
	minRow = 64
)

// ParseSummary reads the whole table of an address family, up to the line that counts it:
//
//	BGP router identifier 192.0.2.1, local AS number 64512
//	…
//	Neighbor                 V   AS   MsgRcv    MsgSen TblVer   InQ   OutQ    Up/Down   State/PfxRcd
//	192.0.2.11               4 64512   26         26       7      0      0  00:11:33               5
//
//	Total number of neighbors 1
//
// Some releases print no table where there is nothing to list, but only the count, or "No IPv4 neighbor is configured"
// in place of everything.
//
// The error's reason is ReasonAnswerTruncated if the table ends before that line or has another number of rows, and
// ReasonAnswerNotUnderstood if it is no such table.
func ParseSummary(answer []byte, afi routerclient.AFI) (*Summary, error) {
	p := parser{afi: afi}
	p.expect(min(bytes.Count(answer, []byte("\n")), len(answer)/minRow))
	for line := range bytes.Lines(bgptext.Clean(answer)) {
		if err := p.line(bgptext.Trim(line)); err != nil {
			return nil, err
		}
	}
	if err := p.end(); err != nil {
		return nil, err
	}
	return &p.summary, nil
}

type parser struct {
	afi     routerclient.AFI
	summary Summary
	// families are those of the sessions, in one piece.
	families []routerclient.Family
	// identified, inTable and counted say which of the landmarks have been passed.
	identified, inTable, counted bool
	// wrapped is a row that has but the address on its line, or nil.
	wrapped []byte
	// neighbors are those of the table. ZebOS lists them by address: while it does, one is new if it comes after the one
	// before, and there is no map.
	neighbors map[netip.Addr]struct{}
}

// expect makes room for so many rows.
func (p *parser) expect(rows int) {
	rows = min(rows, routerclient.MaxSessions)
	p.summary.Sessions = make([]routerclient.Session, 0, rows)
	p.families = make([]routerclient.Family, 0, rows)
}

func (p *parser) line(line []byte) error {
	switch {
	case bytes.HasPrefix(line, []byte(identifierLine)):
		return p.identify(string(line))
	case isHeader(line):
		if p.counted {
			return notUnderstood("a second table follows the first")
		}
		p.inTable = true
		return nil
	case bytes.HasPrefix(line, []byte(totalLine)) && (p.identified || p.inTable):
		return p.count(string(line))
	case isEmptyTable(line) && !p.identified && !p.inTable:
		p.counted = true
		return nil
	case len(line) == 0 || !p.inTable || p.counted:
		return nil
	}
	return p.row(line)
}

// isHeader takes ZebOS's columns (MsgRcv, MsgSen) and Quagga's (MsgRcvd, MsgSent), but not those of newer FRR, which
// has more of them behind the state.
func isHeader(line []byte) bool {
	return bytes.HasPrefix(line, []byte("Neighbor ")) && bytes.HasSuffix(line, []byte(" State/PfxRcd"))
}

// isEmptyTable takes "No IPv4 neighbor is configured" and its IPv6 twin.
func isEmptyTable(line []byte) bool {
	return bytes.HasPrefix(line, []byte("No IPv")) && bytes.HasSuffix(line, []byte(" neighbor is configured"))
}

// identify reads "BGP router identifier 192.0.2.1, local AS number 64512", and what may follow it.
func (p *parser) identify(line string) error {
	id, as, _ := strings.Cut(strings.TrimPrefix(line, identifierLine), ", local AS number ")
	addr, err := netip.ParseAddr(id)
	if err != nil {
		return notUnderstood("router identifier %q is no address", bgptext.Printable(id, 64))
	}
	as, _, _ = strings.Cut(as, " ")
	if p.summary.LocalASN, err = bgptext.ASN(as); err != nil {
		return notUnderstood("%w", err)
	}
	p.summary.RouterID, p.identified = addr, true
	return nil
}

func (p *parser) count(line string) error {
	total, err := strconv.Atoi(strings.TrimPrefix(line, totalLine))
	if err != nil {
		return notUnderstood("the number of neighbors is no number: %q", bgptext.Printable(line, 64))
	}
	if total != len(p.summary.Sessions) {
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%d neighbors where the router counts %d", len(p.summary.Sessions), total)
	}
	p.counted = true
	return nil
}

func (p *parser) row(line []byte) error {
	if len(line) > maxLine {
		return notUnderstood("neighbor line %q: %d bytes long", bgptext.Printable(string(line), 100), len(line))
	}
	if p.wrapped == nil && isAddress(line) {
		p.wrapped = line
		return nil
	}
	if p.wrapped != nil {
		line, p.wrapped = bytes.Join([][]byte{p.wrapped, line}, []byte(" ")), nil
	}
	row, err := parseRow(line)
	if err != nil {
		return notUnderstood("neighbor line %q: %w", bgptext.Printable(string(line), 100), err)
	}
	if !p.isNew(&row) {
		return notUnderstood("neighbor %s comes twice", row.peer)
	}
	if err := routerclient.CheckSessions(len(p.summary.Sessions) + 1); err != nil {
		return err
	}
	p.add(&row)
	return nil
}

// isAddress is true for a line that has but an IPv6 address: zebra, from which ZebOS came, puts the columns on the next
// where the address is too long for its own.
func isAddress(line []byte) bool {
	word, rest := bgptext.CutWord(line)
	return len(rest) == 0 && bytes.IndexByte(word, ':') >= 0
}

// isNew is false for a neighbor that the table has already.
func (p *parser) isNew(r *row) bool {
	key := keyOf(r.peer, r.iface)
	if p.neighbors == nil {
		last := len(p.summary.Sessions) - 1
		if last < 0 || sessionKey(&p.summary.Sessions[last]).Less(key) {
			return true
		}
		p.neighbors = make(map[netip.Addr]struct{}, cap(p.summary.Sessions))
		for i := range p.summary.Sessions {
			p.neighbors[sessionKey(&p.summary.Sessions[i])] = struct{}{}
		}
	}
	_, known := p.neighbors[key]
	p.neighbors[key] = struct{}{}
	return !known
}

// keyOf is what tells the rows of a table apart.
func keyOf(peer netip.Addr, iface string) netip.Addr { return peer.WithZone(iface) }

func sessionKey(s *routerclient.Session) netip.Addr { return keyOf(s.Peer, s.Interface) }

func (p *parser) add(r *row) {
	p.summary.Sessions = append(p.summary.Sessions, routerclient.Session{})
	s := &p.summary.Sessions[len(p.summary.Sessions)-1]
	s.VRF, s.Peer, s.Interface = routerclient.DefaultVRF, r.peer, r.iface
	s.RemoteASN, s.LocalASN = r.asn, p.summary.LocalASN
	s.State, s.AdminDown = r.state, r.adminDown
	switch {
	case r.state == routerclient.Established:
		s.Uptime = r.uptime
	case string(r.word) != string(r.state) && !r.adminDown:
		s.Detail = bgptext.Printable(string(r.word), 200)
	}
	if p.afi != routerclient.IPv4 || r.peer.Is4() || r.received > 0 {
		p.families = append(p.families, routerclient.Family{AFI: p.afi, Received: r.received})
		n := len(p.families)
		s.Families = p.families[n-1 : n : n]
	}
}

func (p *parser) end() error {
	switch {
	case p.counted:
		return nil
	case p.identified || p.inTable:
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "the table ends before its line %q", strings.TrimSpace(totalLine))
	}
	return notUnderstood("no BGP summary in the answer")
}

func notUnderstood(format string, args ...any) error {
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, format, args...)
}
