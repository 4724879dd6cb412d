package routeros

import (
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// record is one numbered entry of what RouterOS' print commands show.
type record struct {
	flags  string
	values map[string]string
}

func (r record) has(flag byte) bool { return strings.IndexByte(r.flags, flag) >= 0 }

// parseRecords reads records that are numbered from 0, each on a line of its own, or on several of which only the first
// begins with a number:
//
//	Flags: X - disabled, E - established
//	 0 E ;;; rack 1
//	     name="node-1" remote-address=192.0.2.11
//	     state=established
func parseRecords(text string) ([]record, error) {
	var records []record
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "Flags: ") {
			continue
		}
		if number, rest, _ := strings.Cut(line, " "); isNumber(number) {
			if number != strconv.Itoa(len(records)) {
				return nil, notUnderstood("entry %s where entry %d should be", bgptext.Printable(number, 20), len(records))
			}
			r := record{values: map[string]string{}}
			r.flags, line = cutFlags(rest)
			records = append(records, r)
		}
		if len(records) == 0 {
			return nil, notUnderstood("%q where entry 0 should be", bgptext.Printable(line, 100))
		}
		if err := records[len(records)-1].addValues(line); err != nil {
			return nil, err
		}
	}
	return records, nil
}

func isNumber(s string) bool { return s != "" && len(s) < 10 && strings.Trim(s, "0123456789") == "" }

// cutFlags takes the flags off, which are single letters or signs: "E", "X", "*".
func cutFlags(line string) (flags, rest string) {
	rest = strings.TrimSpace(line)
	for {
		word, after, _ := strings.Cut(rest, " ")
		if word == "" || len(word) > 3 || strings.ContainsAny(word, "=;") {
			return flags, rest
		}
		flags, rest = flags+word, strings.TrimSpace(after)
	}
}

// addValues reads one line of properties. A value with spaces in it is quoted, with a backslash before quotes inside; a
// comment begins with ";;;" and takes the rest of its line.
func (r record) addValues(line string) error {
	for line != "" && !strings.HasPrefix(line, ";;;") {
		name, rest, assigned := strings.Cut(line, "=")
		if !assigned || strings.ContainsAny(name, " \"") {
			return notUnderstood("%q where a property should be", bgptext.Printable(line, 100))
		}
		if _, twice := r.values[name]; twice {
			return notUnderstood("property %s comes twice in one entry", bgptext.Printable(name, 40))
		}
		value, after, closed := cutValue(rest)
		if !closed {
			return notUnderstood("the value of %s has no closing quote", bgptext.Printable(name, 40))
		}
		r.values[name], line = value, strings.TrimSpace(after)
	}
	return nil
}

func cutValue(s string) (value, rest string, closed bool) {
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, " ")
		return value, rest, true
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return strings.ReplaceAll(s[1:i], `\"`, `"`), s[i+1:], true
		}
	}
	return "", "", false
}
