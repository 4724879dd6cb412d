package routeros

import (
	"bytes"
	"iter"
	"slices"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// record is one numbered entry of what RouterOS' print commands show.
type record struct {
	flags []byte
	// names are those of the properties, with the equals sign, all different; values is what they have. The names behind the
	// values are those of the record before: as most records have the same properties in the same order, a name in the place
	// where it was before cannot come twice, and need not be compared with others.
	names, values [][]byte
}

// maxProperties bounds what the search for a second property of the same name costs. RouterOS has some 30.
const maxProperties = 250

func (r *record) has(flag byte) bool { return bytes.IndexByte(r.flags, flag) >= 0 }

// value is empty for a property that the record does not have.
func (r *record) value(name string) []byte {
	for known, value := range r.properties() {
		if string(known) == name {
			return value
		}
	}
	return nil
}

// properties yields the names, without the equals sign, and values of the record.
func (r *record) properties() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for i, value := range r.values {
			if !yield(r.names[i][:len(r.names[i])-1], value) {
				return
			}
		}
	}
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
func (p *recordReader) read(text []byte) error {
	for line := range bytes.Lines(text) {
		line = bgptext.Trim(line)
		if len(line) == 0 || bytes.HasPrefix(line, []byte("Flags: ")) {
			continue
		}
		if err := p.line(line); err != nil {
			return err
		}
	}
	return p.end()
}

func (p *recordReader) line(line []byte) error {
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
		return notUnderstood("%q where entry 0 should be", bgptext.Printable(string(line), 100))
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
func (r *record) begin(line []byte) (rest []byte) {
	r.flags, r.values = r.flags[:0], r.values[:0]
	for {
		word, after := bgptext.CutWord(line)
		if len(word) == 0 || len(word) > 3 || bytes.ContainsAny(word, "=;") {
			return bgptext.Trim(line)
		}
		r.flags, line = append(r.flags, word...), after
	}
}

// add reads one line of properties. A comment begins with ";;;" and takes the rest of its line.
func (r *record) add(line []byte) (err error) {
	for len(line) > 0 && !bytes.HasPrefix(line, []byte(";;;")) {
		if line, err = r.cutProperty(line); err != nil {
			return err
		}
	}
	return nil
}

// cutProperty adds the property that the line begins with. A value with spaces in it is quoted, with a backslash before
// quotes inside.
func (r *record) cutProperty(line []byte) (rest []byte, err error) {
	n := len(r.values)
	if n == len(r.names) || !bytes.HasPrefix(line, r.names[n]) {
		if err := r.addName(line); err != nil {
			return nil, err
		}
	}
	value, rest, closed := cutValue(line[len(r.names[n]):])
	if !closed {
		return nil, notUnderstood("the value of %s has no closing quote", r.printableName(n))
	}
	r.values = append(r.values, value)
	return bytes.TrimLeft(rest, " "), nil
}

// addName takes the name that the line begins with, and drops those of the record before from there on.
func (r *record) addName(line []byte) error {
	end := bytes.IndexByte(line, '=') + 1
	name := line[:end]
	if end == 0 || bytes.ContainsAny(name, " \"") {
		return notUnderstood("%q where a property should be", bgptext.Printable(string(line), 100))
	}
	known := r.names[:len(r.values)]
	switch {
	case len(known) == maxProperties:
		return notUnderstood("an entry with more than %d properties", maxProperties)
	case slices.ContainsFunc(known, func(other []byte) bool { return bytes.Equal(other, name) }):
		return notUnderstood("property %s comes twice in one entry", bgptext.Printable(string(name[:end-1]), 40))
	}
	r.names = append(known, name)
	return nil
}

// printableName is the name of a property, without the equals sign.
func (r *record) printableName(n int) string {
	return bgptext.Printable(string(bytes.TrimSuffix(r.names[n], []byte("="))), 40)
}

func cutValue(s []byte) (value, rest []byte, closed bool) {
	if len(s) == 0 || s[0] != '"' {
		end := bytes.IndexByte(s, ' ')
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], true
	}
	escapes := false
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			escapes = true
			i++
		case '"':
			if value = s[1:i]; escapes {
				value = bytes.ReplaceAll(value, []byte(`\"`), []byte(`"`))
			}
			return value, s[i+1:], true
		}
	}
	return nil, nil, false
}
