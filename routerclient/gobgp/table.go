package gobgp

import (
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// row is what is read of a neighbor's line in the table.
type row struct {
	// word is the state's, and qualifier what stands in parentheses behind it: "Admin", "PfxCt".
	word, qualifier string
	// uptime is how long the session has been in its state, up or down.
	uptime time.Duration
}

// parseTable reads, by neighbor:
//
//	Peer            AS     Up/Down State       |#Received  Accepted
//	192.0.2.40   64513 1d 02:03:04 Establ      |        2         2
//	192.0.2.17   64513       never Idle(PfxCt) |        0         0
func parseTable(out routerclient.Output) (map[string]row, error) {
	const action = "reading the table of neighbors"
	var rows map[string]row
	for line := range strings.Lines(string(bgptext.Clean(out.Stdout))) {
		left, _, isRow := strings.Cut(line, "|")
		fields := strings.Fields(left)
		switch {
		case rows == nil:
			if isRow && len(fields) == 4 && fields[0] == "Peer" {
				rows = map[string]row{}
			}
		case len(strings.TrimSpace(line)) == 0:
		default:
			if !isRow || len(fields) < 4 {
				return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: row %q is not whole", action, bgptext.Printable(line, 64))
			}
			rows[fields[0]] = parseRow(fields)
		}
	}
	if rows == nil {
		return nil, unanswered(action, out)
	}
	return rows, nil
}

// parseRow takes the two words of an uptime above a day ("1d 02:03:04") together.
func parseRow(fields []string) row {
	last := len(fields) - 1
	r := row{word: bgptext.Printable(fields[last], maxDetail)}
	_, r.qualifier = bgptext.State(fields[last])
	days, clock := time.Duration(0), fields[last-1]
	if len(fields) == 5 {
		days, _ = bgptext.Uptime(fields[2])
	}
	if up, ok := bgptext.Uptime(clock); ok {
		r.uptime = days + up
	}
	return r
}
