package gobgp

import (
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// row is what is read of a neighbor's line in the table.
type row struct {
	// word is the state's, with what stands in parentheses behind it: "Idle(Admin)", "Idle(PfxCt)".
	word string
	// uptime is how long the session has been in its state, up or down.
	uptime time.Duration
}

// parseTable reads, by neighbor, of whom there should be so many:
//
//	Peer            AS     Up/Down State       |#Received  Accepted
//	192.0.2.40   64513 1d 02:03:04 Establ      |        2         2
//	192.0.2.17   64513       never Idle(PfxCt) |        0         0
func parseTable(out routerclient.Output, neighbors int) (map[string]row, error) {
	const action = "reading the table of neighbors"
	var rows map[string]row
	var columns []string
	for line := range strings.Lines(string(bgptext.Clean(out.Stdout))) {
		left, _, isRow := strings.Cut(line, "|")
		columns = bgptext.AppendWords(columns[:0], strings.TrimSpace(left))
		switch {
		case rows == nil:
			if isRow && len(columns) == 4 && columns[0] == "Peer" {
				rows = make(map[string]row, neighbors)
			}
		case !isRow && len(columns) == 0:
		case !isRow || len(columns) < 4:
			return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: row %q is not whole", action, bgptext.Printable(line, 64))
		default:
			rows[columns[0]] = parseRow(columns)
		}
	}
	if rows == nil {
		return nil, unanswered(action, out)
	}
	return rows, nil
}

// parseRow takes the two words of an uptime above a day ("1d 02:03:04") together.
func parseRow(columns []string) row {
	last := len(columns) - 1
	r := row{word: columns[last]}
	days, clock := time.Duration(0), columns[last-1]
	if len(columns) == 5 {
		days, _ = bgptext.Uptime(columns[2])
	}
	if up, ok := bgptext.Uptime(clock); ok {
		r.uptime = days + up
	}
	return r
}

// addTo adds what only the table tells: how long a session has been up, and why it is not.
func (r row) addTo(s *routerclient.Session) {
	if s.State == routerclient.Established {
		s.Uptime = r.uptime
	}
	_, qualifier := bgptext.State(r.word)
	s.AdminDown = qualifier == "Admin"
	if s.State != routerclient.Established && qualifier != "" && !s.AdminDown {
		s.Detail = bgptext.Printable(r.word, maxDetail)
	}
}
