package bgpjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// Scanner reads JSON (RFC 8259) value by value, into what its caller hands it.
//
// It exists for routers that print some kilobytes a neighbor, of which little is read: encoding/json takes several times
// as long there. It is as strict, and besides refuses an object that has a member twice, unless the whole object is
// skipped: two neighbors become one where the end of one and the beginning of the next are lost.
//
// Its methods read the value that comes next. Those that take a pointer leave alone what it points to if the value is
// null, as encoding/json does.
type Scanner struct {
	answer []byte
	at     int
	depth  int
	// names are the members' that have been read, of the objects around the current place.
	names [][]byte
}

const (
	// maxDepth is how deep values may nest. Routers need ten levels.
	maxDepth = 100
	// maxMembers bounds what the search for a second member of the same name costs. Objects of a neighbor have up to 30.
	maxMembers = 250
)

// NewScanner returns a scanner of what [NewDecoder] would decode.
func NewScanner(answer []byte, opening byte) (*Scanner, bool) {
	json, found := pastBanners(answer, opening)
	return &Scanner{answer: json}, found
}

// Object calls member for each member of an object, with the scanner at the member's value, which member must read. The
// name is member's until it returns.
func (s *Scanner) Object(member func(name []byte) error) error {
	if s.next() != '{' {
		return s.unexpected("an object")
	}
	first := len(s.names)
	err := s.elements('}', func() error {
		name, err := s.name()
		if err != nil {
			return err
		}
		if err := checkName(name, s.names[first:]); err != nil {
			return err
		}
		s.names = append(s.names, name)
		return member(name)
	})
	s.names = s.names[:first]
	return err
}

// Map is Object for one whose members are neighbors, of any number.
func (s *Scanner) Map(member func(name []byte) error) error {
	if s.next() != '{' {
		return s.unexpected("an object")
	}
	seen := map[string]struct{}{}
	return s.elements('}', func() error {
		name, err := s.name()
		if err != nil {
			return err
		}
		if _, twice := seen[string(name)]; twice {
			return comesTwice(name)
		}
		seen[string(name)] = struct{}{}
		return member(name)
	})
}

func checkName(name []byte, others [][]byte) error {
	switch {
	case len(others) == maxMembers:
		return fmt.Errorf("an object with more than %d members", maxMembers)
	case slices.ContainsFunc(others, func(other []byte) bool { return bytes.Equal(other, name) }):
		return comesTwice(name)
	}
	return nil
}

func comesTwice(name []byte) error {
	return fmt.Errorf("member %q comes twice", bgptext.Printable(string(name), 64))
}

// Member calls read for the member of that name, if an object has one, and skips all others.
func (s *Scanner) Member(name string, read func() error) error {
	return s.Object(func(n []byte) error {
		if string(n) == name {
			return read()
		}
		return s.Skip()
	})
}

// Array calls element for each element of an array, with the scanner at the element, which element must read.
func (s *Scanner) Array(element func() error) error {
	if s.next() != '[' {
		return s.unexpected("an array")
	}
	return s.elements(']', element)
}

// OneOrMore calls element for each element of an array, or once for a value that stands there without one.
func (s *Scanner) OneOrMore(element func() error) error {
	if s.next() == '[' {
		return s.Array(element)
	}
	return element()
}

// Skip reads any value, and only checks that it is JSON.
func (s *Scanner) Skip() error {
	switch s.next() {
	case '{':
		return s.elements('}', s.skipMember)
	case '[':
		return s.elements(']', s.Skip)
	}
	_, err := s.scalar()
	return err
}

func (s *Scanner) skipMember() error {
	if _, err := s.name(); err != nil {
		return err
	}
	return s.Skip()
}

// elements reads what stands between two delimiters, with the scanner at the first, and commas between the elements.
func (s *Scanner) elements(closing byte, element func() error) error {
	if s.depth == maxDepth {
		return fmt.Errorf("values nested more than %d deep", maxDepth)
	}
	s.depth++
	s.at++
	for separator := s.next(); separator != closing; {
		if err := element(); err != nil {
			return err
		}
		if separator = s.next(); separator != ',' && separator != closing {
			return s.unexpected("a comma")
		}
		if separator == ',' {
			s.at++
		}
	}
	s.depth--
	s.at++
	return nil
}

// name reads a member's name and the colon behind it.
func (s *Scanner) name() ([]byte, error) {
	if s.next() != '"' {
		return nil, s.unexpected("a member's name")
	}
	name, err := s.Text()
	if err != nil {
		return nil, err
	}
	if s.next() != ':' {
		return nil, s.unexpected("a colon")
	}
	s.at++
	return name, nil
}

// Text returns a string, or nil for null. It may be a part of the answer, and must not be changed.
func (s *Scanner) Text() ([]byte, error) {
	if s.next() != '"' {
		raw, err := s.scalar()
		if err != nil || isNull(raw) {
			return nil, err
		}
		return nil, mistyped(raw, "a string")
	}
	raw, plain, err := s.string()
	switch {
	case err != nil:
		return nil, err
	case plain:
		return raw[1 : len(raw)-1], nil
	}
	var text string
	err = json.Unmarshal(raw, &text)
	return []byte(text), err
}

// Scalar returns a string's text, and a number or a boolean as it stands; nil for null. It may be a part of the answer,
// and must not be changed.
func (s *Scanner) Scalar() ([]byte, error) {
	if s.next() == '"' {
		return s.Text()
	}
	raw, err := s.scalar()
	if err != nil || isNull(raw) {
		return nil, err
	}
	return raw, nil
}

// String reads a string.
func (s *Scanner) String(p *string) error {
	text, err := s.Text()
	if text != nil {
		*p = string(text)
	}
	return err
}

// Bool reads a boolean.
func (s *Scanner) Bool(p *bool) error {
	raw, err := s.scalar()
	switch {
	case err != nil || isNull(raw):
		return err
	case raw[0] != 't' && raw[0] != 'f':
		return mistyped(raw, "a boolean")
	}
	*p = raw[0] == 't'
	return nil
}

// Int reads a whole number of 64 bits.
func (s *Scanner) Int(p *int64) error {
	raw, err := s.scalar()
	if err != nil || isNull(raw) {
		return err
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return mistyped(raw, "a whole number")
	}
	*p = n
	return nil
}

// Count reads a whole number of 64 bits without a sign, which may be a string, as RFC 7951 section 6.1 wants one of that
// size to be. A blank string is nothing, as null is.
func (s *Scanner) Count(p *uint64) error {
	text, err := s.Scalar()
	if text = bytes.TrimSpace(text); err != nil || len(text) == 0 {
		return err
	}
	n, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil {
		return mistyped(text, "a count")
	}
	*p = n
	return nil
}

// ASN reads an AS number, which may be a number or a string; see [ASN].
func (s *Scanner) ASN(p *uint32) error {
	text, err := s.Scalar()
	if err != nil || text == nil {
		return err
	}
	*p, err = bgptext.ASN(string(text))
	return err
}

// End returns an error if anything but white space is left.
func (s *Scanner) End() error {
	if c := s.next(); c != 0 || s.at < len(s.answer) {
		return fmt.Errorf("%c behind the answer's end", c)
	}
	return nil
}

func isNull(raw []byte) bool { return raw[0] == 'n' }

func mistyped(raw []byte, want string) error {
	return fmt.Errorf("%q where %s should be", bgptext.Printable(string(raw[:min(len(raw), 64)]), 64), want)
}

func (s *Scanner) unexpected(want string) error {
	if s.at == len(s.answer) {
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%q where %s should be", s.answer[s.at], want)
}
