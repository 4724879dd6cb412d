package snmp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// column holds the values of a table's column by the index of their row, "192.0.2.11" say, or a scalar's by "0".
type column map[string]value

// value is a variable's value with net-snmp's name of its type.
type value struct{ kind, text string }

// parseColumn reads the lines of a walk:
//
//	.1.3.6.1.2.1.15.3.1.2.192.0.2.11 = INTEGER: 6
func parseColumn(answer []byte, oid string) (column, error) {
	answer = bgptext.Clean(answer)
	if len(answer) > 0 && answer[len(answer)-1] != '\n' {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "the last line ends early")
	}
	values := make(column, min(bytes.Count(answer, []byte("\n")), routerclient.MaxSessions))
	for line := range strings.Lines(string(answer)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		index, v, err := parseLine(line, oid)
		if err != nil {
			return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%w", err)
		}
		if _, twice := values[index]; twice {
			return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "row %s comes twice", index)
		}
		if err := routerclient.CheckSessions(len(values) + 1); err != nil {
			return nil, err
		}
		values[index] = v
	}
	return values, nil
}

func parseLine(line, oid string) (index string, v value, err error) {
	name, printed, hasValue := strings.Cut(line, " = ")
	index, isBelow := strings.CutPrefix(name, oid+".")
	kind, text, hasKind := strings.Cut(printed, ": ")
	if !hasValue || !isBelow || !hasKind || strings.Trim(index, ".0123456789") != "" {
		return "", value{}, fmt.Errorf("%q is no variable below %s", bgptext.Printable(line, 64), oid)
	}
	return index, value{kind, text}, nil
}

// number reads an integer. FRR prints unsigned ones above 2³¹ as negative.
func (v value) number() (uint32, error) {
	switch v.kind {
	case "INTEGER", "Gauge32", "Counter32", "Unsigned32":
		if n, err := strconv.ParseInt(v.text, 10, 33); err == nil {
			return uint32(n), nil
		}
	}
	return 0, fmt.Errorf("%s %q is no number", bgptext.Printable(v.kind, 20), bgptext.Printable(v.text, 20))
}

// asTrans stands for AS numbers above 65535 where there is room for 16 bits only (RFC 6793 section 4.2.3).
const asTrans = 23456

// asn returns 0 for a row without the number, or with one that is not the neighbor's own.
func (c column) asn(index string) (uint32, error) {
	v, found := c[index]
	if !found {
		return 0, nil
	}
	n, err := v.number()
	if n == asTrans {
		n = 0
	}
	return n, err
}

// duration returns 0 for a row without seconds.
func (c column) duration(index string) (time.Duration, error) {
	v, found := c[index]
	if !found {
		return 0, nil
	}
	seconds, err := v.number()
	return time.Duration(seconds) * time.Second, err
}

func (c column) has(state string) bool {
	for _, v := range c {
		if v.text == state {
			return true
		}
	}
	return false
}

func (c column) hasOther(state string) bool {
	for _, v := range c {
		if v.text != state {
			return true
		}
	}
	return false
}
