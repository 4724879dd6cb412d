package zebos

import (
	"bytes"
	"fmt"
	"net/netip"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// row is one neighbor of the table.
type row struct {
	peer      netip.Addr
	iface     string
	asn       uint32
	state     routerclient.State
	adminDown bool
	// word is the last column as printed: a state, or the number of prefixes of an Established session.
	word []byte
	// uptime is how long the session has been up or down, whichever it is.
	uptime time.Duration
	// received is the number of prefixes received in the table's address family.
	received uint64
}

// columns are those of a line, as places in it: to the garbage collector, unlike strings, they are nothing.
type columns struct {
	line   []byte
	places [maxColumns]place
	n      int
}

// place is where a column begins and ends. A line has maxLine bytes at most.
type place struct{ begin, end uint16 }

const (
	// counters are the columns between the version and the uptime: AS, MsgRcv, MsgSen, TblVer, InQ, OutQ.
	counters = 6
	// whole are the columns left of the uptime, with the address and the version.
	whole = 2 + counters
	// maxColumns are those of a row whose state is of two words.
	maxColumns = whole + 3
)

// split is false for a line of too many columns.
func (c *columns) split(line []byte) bool {
	c.line = line
	for end := 0; end < len(line); {
		begin := end
		for begin < len(line) && (line[begin] == ' ' || line[begin] == '\t') {
			begin++
		}
		end = begin
		for end < len(line) && line[end] != ' ' && line[end] != '\t' {
			end++
		}
		if begin == end {
			break
		}
		if c.n == maxColumns {
			return false
		}
		c.places[c.n] = place{uint16(begin), uint16(end)}
		c.n++
	}
	return true
}

func (c *columns) at(i int) []byte { return c.line[c.places[i].begin:c.places[i].end] }

// parseRow takes a line apart from its right end, because its left end is not dependable: see splitVersion. A state may
// be of two words, "Idle (Admin)", and F5 leaves the uptime of a neighbor that never came up blank.
func parseRow(line []byte) (row, error) {
	var c columns
	if !c.split(line) {
		return row{}, fmt.Errorf("more than %d columns", maxColumns)
	}
	r := row{word: c.popState()}
	r.uptime = c.popUptime()
	err := c.splitVersion()
	if err != nil {
		return row{}, err
	}
	if r.peer, r.iface, err = bgptext.Peer(string(c.at(0))); err != nil {
		return row{}, err
	}
	if r.asn, err = bgptext.ASN(string(c.at(2))); err != nil {
		return row{}, err
	}
	for i := 3; i < c.n; i++ {
		if _, isNumber := bgptext.Uint(c.at(i)); !isNumber {
			return row{}, fmt.Errorf("%q where a counter should be", c.at(i))
		}
	}
	r.setState()
	return r, nil
}

// popState takes off the last column; a line has one at least.
func (c *columns) popState() []byte {
	c.n--
	last := c.places[c.n]
	if c.n > 0 && c.line[last.begin] == '(' {
		c.n--
		return c.line[c.places[c.n].begin:last.end]
	}
	return c.at(c.n)
}

// popUptime takes off the last column if it is an uptime.
func (c *columns) popUptime() time.Duration {
	if c.n == 0 {
		return 0
	}
	uptime, ok := bgptext.Uptime(string(c.at(c.n - 1)))
	if ok {
		c.n--
	}
	return uptime
}

// splitVersion has the BGP version in the second column. ZebOS leaves no space between an address that fills its column
// and the version behind it: "2001:db8::ffff:ffff:ffff:ffff4 64512 …".
func (c *columns) splitVersion() error {
	if c.n == whole-1 && bytes.ContainsRune(c.at(0), ':') && bytes.HasSuffix(c.at(0), []byte("4")) {
		copy(c.places[2:whole], c.places[1:whole-1])
		glued := &c.places[0]
		glued.end--
		c.places[1] = place{glued.end, glued.end + 1}
		c.n = whole
	}
	if c.n != whole {
		return fmt.Errorf("%d columns where %d should be", c.n, whole)
	}
	if string(c.at(1)) != "4" {
		return fmt.Errorf("BGP version %q", c.at(1))
	}
	return nil
}

// setState reads the last column: a number of prefixes stands for Established.
func (r *row) setState() {
	if received, isNumber := bgptext.Uint(r.word); isNumber {
		r.state, r.received = routerclient.Established, received
		return
	}
	state, qualifier := bgptext.State(string(r.word))
	r.state, r.adminDown = state, qualifier == "Admin"
}
