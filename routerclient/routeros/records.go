package routeros

import (
	"slices"
	"strings"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// record is one numbered entry of what RouterOS' print commands show.
type record struct {
	flags string
	// names are those of the properties, with the equals sign, all different; values is what they have. The names behind the
	// values are those of the record before: as most records have the same properties in the same order, a name in the place
	// where it was before cannot come twice, and need not be compared with others.
	names, values []string
}

// maxProperties bounds what the search for a second property of the same name costs. RouterOS has some 30.
const maxProperties = 250

func (r *record) has(flag byte) bool { return strings.IndexByte(r.flags, flag) >= 0 }

// value returns "" for a property that the record does not have.
func (r *record) value(name string) string {
	for i, value := range r.values {
		if r.names[i][:len(r.names[i])-1] == name {
			return value
		}
	}
	return ""
}

// recordReader calls do for each record. The record is do's until it returns.
type recordReader struct {
	do      func(*record) error
	records int
	current record
}

// read reads records that are numbered from 0, each on a line of its own, or on several of which only the first begins
// with a number:
//
//	Flags: X - disabled, E - established
//	 0 E ;;; rack 1
//	     name="node-1" remote-address=192.0.2.11
//	     state=established
func (p *recordReader) read(text string) error {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "Flags: ") {
			continue
		}
		if err := p.line(line); err != nil {
			return err
		}
	}
	return p.end()
}

func (p *recordReader) line(line string) error {
	number, rest := bgptext.CutWord(line)
	if n, isNumber := bgptext.Uint(number); isNumber {
		if err := p.end(); err != nil {
			return err
		}
		if n != uint64(p.records) {
			return notUnderstood("entry %s where entry %d should be", number, p.records)
		}
		p.records++
		line = p.current.begin(rest)
	}
	if p.records == 0 {
		return notUnderstood("%q where entry 0 should be", bgptext.Printable(line, 100))
	}
	return p.current.add(line)
}

func (p *recordReader) end() error {
	if p.records == 0 {
		return nil
	}
	return p.do(&p.current)
}

// begin takes the flags of a new record off its first line. They are single letters or signs: "E", "X", "*".
func (r *record) begin(line string) (rest string) {
	r.flags, r.values = "", r.values[:0]
	for {
		word, after := bgptext.CutWord(line)
		if word == "" || len(word) > 3 || strings.ContainsAny(word, "=;") {
			return strings.TrimSpace(line)
		}
		r.flags, line = r.flags+word, after
	}
}

// add reads one line of properties. A comment begins with ";;;" and takes the rest of its line.
func (r *record) add(line string) (err error) {
	for line != "" && !strings.HasPrefix(line, ";;;") {
		if line, err = r.cutProperty(line); err != nil {
			return err
		}
	}
	return nil
}

// cutProperty adds the property that the line begins with. A value with spaces in it is quoted, with a backslash before
// quotes inside.
func (r *record) cutProperty(line string) (rest string, err error) {
	n := len(r.values)
	if n == len(r.names) || !strings.HasPrefix(line, r.names[n]) {
		if err := r.addName(line); err != nil {
			return "", err
		}
	}
	value, rest, closed := cutValue(line[len(r.names[n]):])
	if !closed {
		return "", notUnderstood("the value of %s has no closing quote", bgptext.Printable(strings.TrimSuffix(r.names[n], "="), 40))
	}
	r.values = append(r.values, value)
	return strings.TrimLeft(rest, " "), nil
}

// addName takes the name that the line begins with, and drops those of the record before from there on.
func (r *record) addName(line string) error {
	end := strings.IndexByte(line, '=') + 1
	name := line[:end]
	if end == 0 || strings.ContainsAny(name, " \"") {
		return notUnderstood("%q where a property should be", bgptext.Printable(line, 100))
	}
	known := r.names[:len(r.values)]
	switch {
	case len(known) == maxProperties:
		return notUnderstood("an entry with more than %d properties", maxProperties)
	case slices.Contains(known, name):
		return notUnderstood("property %s comes twice in one entry", bgptext.Printable(name[:end-1], 40))
	}
	r.names = append(known, name)
	return nil
}

func cutValue(s string) (value, rest string, closed bool) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexByte(s, ' ')
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], true
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
