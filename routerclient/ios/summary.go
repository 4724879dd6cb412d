package ios

import (
	"bytes"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// summary is the answer to showSummary.
type summary struct {
	routerID netip.Addr
	localASN uint32
	rows     []row
	// received is how many prefixes each row shows; 0 for a session that is not up.
	received     []uint64
	listenRanges []routerclient.ListenRange
	// groups is the number of lines that introduce a peer group's listen ranges.
	groups int
}

// row is a neighbor under an address family. One that is in several VRFs has that many rows, which look alike.
type row struct {
	section string
	peer    netip.Addr
}

// parseSummary reads the table of every address family:
//
//	For address family: IPv4 Unicast
//	BGP router identifier 192.0.2.1, local AS number 64512
//	…
//	Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd
//	*192.0.2.11     4        64513      27      25        4    0    0 00:16:34        1
//	2001:DB8::4
//	                4        64514       0       0        1    0    0 never    Idle
//	* Dynamically created based on a listen range command
//	Dynamically created neighbors: 1, Subnet ranges: 1
//
//	BGP peergroup NODES listen range group members:
//	  192.0.2.0/24
//
// Of a row it takes the address and the prefixes: the rest is in the other answer, in more detail.
func parseSummary(out routerclient.Output) (*summary, error) {
	lines := bytes.Count(out.Stdout, []byte("\n"))
	room := min(lines, len(out.Stdout)/minRow)
	p := summaryParser{summary: &summary{rows: make([]row, 0, room), received: make([]uint64, 0, room)}, counted: -1}
	for line := range bytes.Lines(bgptext.Clean(out.Stdout)) {
		if err := p.line(bgptext.Trim(line)); err != nil {
			return nil, err
		}
	}
	if err := p.endSection(); err != nil {
		return nil, err
	}
	if !p.identified {
		return nil, explain(out)
	}
	return p.summary, nil
}

// minRow is about what the shortest row takes in bytes. Only the room that is made beforehand depends on it.
const minRow = 60

const (
	sectionLine    = "For address family: "
	identifierLine = "BGP router identifier "
	countLine      = "Dynamically created neighbors: "
	tableLine      = "Neighbor "
	tableLineEnd   = " State/PfxRcd"
	groupLine      = "BGP peergroup "
	groupLineEnd   = " listen range group members:"
)

type summaryParser struct {
	*summary
	section    string
	identified bool
	// inTable is true from a table's header on. Some releases repeat the header in the midst of a table.
	inTable bool
	// wrapped is true after a row that has but the address on its line.
	wrapped bool
	// group is the peer group whose listen ranges come next.
	group string
	// counted is the router's count of the section's listen ranges, or -1; ranges is how many there were.
	counted, ranges int
}

func (p *summaryParser) line(line []byte) error {
	if section, found := bytes.CutPrefix(line, []byte(sectionLine)); found {
		if err := p.endSection(); err != nil {
			return err
		}
		p.section, p.inTable, p.wrapped, p.group, p.counted, p.ranges = sectionName(section), false, false, "", -1, 0
		return nil
	}
	if p.section == "" {
		return nil
	}
	name, isGroup := bytes.CutSuffix(line, []byte(groupLineEnd))
	switch {
	case bytes.HasPrefix(line, []byte(identifierLine)):
		return p.identify(string(line))
	case bytes.HasPrefix(line, []byte(tableLine)) && bytes.HasSuffix(line, []byte(tableLineEnd)):
		p.inTable = true
	case bytes.HasPrefix(line, []byte(countLine)):
		return p.count(string(line))
	case isGroup && bytes.HasPrefix(name, []byte(groupLine)):
		p.group = bgptext.Printable(string(name[len(groupLine):]), maxDetail)
		p.groups++
	case p.group != "":
		p.listenRange(string(line))
	case p.inTable:
		p.row(line)
	}
	return nil
}

// identify reads "BGP router identifier 192.0.2.1, local AS number 64512", which every section repeats.
func (p *summaryParser) identify(line string) error {
	id, as, _ := strings.Cut(strings.TrimPrefix(line, identifierLine), ", local AS number ")
	addr, err := netip.ParseAddr(id)
	if err != nil {
		return notUnderstood("router identifier %q is no address", bgptext.Printable(id, 64))
	}
	if p.localASN, err = bgptext.ASN(as); err != nil {
		return notUnderstood("%w", err)
	}
	p.routerID, p.identified = addr, true
	return nil
}

// row takes a line that begins with an address for a row. Any other is the rest of a wrapped row, or a remark.
func (p *summaryParser) row(line []byte) {
	first, rest := bgptext.CutWord(line)
	if peer, _, err := bgptext.Peer(string(bytes.TrimPrefix(first, []byte("*")))); err == nil {
		p.rows, p.received = append(p.rows, row{p.section, peer}), append(p.received, 0)
	} else if !p.wrapped {
		return
	} else {
		rest = line
	}
	p.received[len(p.received)-1], p.wrapped = prefixes(rest)
}

// prefixes reads the last of the columns of a row behind the neighbor, which is a number for a session that is up. IOS
// marks those of some neighbors: "4 (SE)". In a row that is cut off there is no uptime before the number: counters stand
// there. The row is wrapped if there are no columns.
func prefixes(columns []byte) (received uint64, wrapped bool) {
	columns, last := cutLastWord(columns)
	if len(last) == 0 {
		return 0, true
	}
	if last[0] == '(' {
		columns, last = cutLastWord(columns)
	}
	received, isNumber := bgptext.Uint(last)
	_, upDown := cutLastWord(columns)
	if _, isCounter := bgptext.Uint(upDown); !isNumber || isCounter || len(upDown) == 0 {
		return 0, false
	}
	return received, false
}

// cutLastWord cuts s before its last word, which is empty if there is none.
func cutLastWord(s []byte) (rest, word []byte) {
	s = bytes.TrimRight(s, " ")
	begin := bytes.LastIndexByte(s, ' ') + 1
	return s[:begin], s[begin:]
}

// count reads "Dynamically created neighbors: 1, Subnet ranges: 1", in some releases with "1/(100 max)".
func (p *summaryParser) count(line string) error {
	_, ranges, _ := strings.Cut(line, "Subnet ranges: ")
	counted, err := strconv.Atoi(ranges)
	if err != nil {
		return notUnderstood("the number of listen ranges is no number: %q", bgptext.Printable(line, 100))
	}
	p.counted = counted
	return nil
}

// listenRange adds a range once, though each family shows it. Those in the tables of VPNs belong to VRFs of which the
// name is not shown.
func (p *summaryParser) listenRange(line string) {
	prefix, err := netip.ParsePrefix(line)
	if err != nil {
		return
	}
	p.ranges++
	listenRange := routerclient.ListenRange{VRF: routerclient.DefaultVRF, Prefix: prefix.Masked(), PeerGroup: p.group}
	if !isVPN(p.section) && !slices.Contains(p.listenRanges, listenRange) {
		p.listenRanges = append(p.listenRanges, listenRange)
	}
}

func (p *summaryParser) endSection() error {
	switch {
	case p.counted < 0 && p.group != "":
		return truncated("the router's count of its listen ranges is missing")
	case p.ranges < p.counted:
		return truncated("%d listen ranges where the router counts %d", p.ranges, p.counted)
	}
	return nil
}

// parseCount reads the answer to countGroups, "Number of lines which match regexp = 2".
func parseCount(out routerclient.Output) (int, error) {
	_, number, found := strings.Cut(string(bgptext.Clean(out.Stdout)), "Number of lines which match regexp = ")
	if !found {
		return 0, explain(out)
	}
	number, _, _ = strings.Cut(number, "\n")
	counted, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil {
		return 0, notUnderstood("the count is no number: %q", bgptext.Printable(number, 64))
	}
	return counted, nil
}
