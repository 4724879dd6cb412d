// Package bgptext reads the words that routers of every make print about BGP: states, uptimes, AS numbers, addresses.
// Drivers share it so that a format met on one platform is understood on all.
//
// It also holds what the sessions of a table have in common ([Names], [Families]) or must not have ([Index]), so that
// thousands of neighbors are read without thousands of allocations.
package bgptext

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

const escape = 0x1b

// Clean returns b without what terminals and careless CLIs mix into an answer: carriage returns, NUL bytes (SONiC's
// vtysh on some ASICs) and ANSI escape sequences (ECMA-48 CSI and two-byte escapes). It returns b itself if there is
// nothing to remove, and never changes b.
func Clean(b []byte) []byte {
	hasReturns := bytes.IndexByte(b, '\r') >= 0
	switch hasOthers := bytes.IndexByte(b, 0) >= 0 || bytes.IndexByte(b, escape) >= 0; {
	case !hasReturns && !hasOthers:
		return b
	case !hasOthers:
		return bytes.ReplaceAll(b, []byte("\r"), nil)
	}
	clean := make([]byte, 0, len(b))
	for len(b) > 0 {
		n := textLength(b)
		clean = append(clean, b[:n]...)
		b = b[n:]
		if len(b) > 0 {
			b = b[controlLength(b):]
		}
	}
	return clean
}

// textLength returns how much of b comes before the next thing to remove.
func textLength(b []byte) int {
	for i, c := range b {
		// Nearly all of an answer is above these three.
		if c <= escape && (c == '\r' || c == 0 || c == escape) {
			return i
		}
	}
	return len(b)
}

// controlLength returns the length of what is to be removed at the start of b.
func controlLength(b []byte) int {
	if b[0] == escape {
		return escapeLength(b)
	}
	return 1
}

// escapeLength returns the length of the escape sequence at the start of b. A sequence that breaks off ends where it
// does: the byte after it is text, and must not be lost.
func escapeLength(b []byte) int {
	switch {
	case len(b) < 2 || b[1] < 0x30 || b[1] > 0x7e:
		return 1
	case b[1] != '[':
		return 2
	}
	n := 2
	for n < len(b) && b[n] >= 0x20 && b[n] <= 0x3f {
		n++
	}
	if n < len(b) && b[n] >= 0x40 && b[n] <= 0x7e {
		n++
	}
	return n
}

// Printable returns s on one line, without unprintable runes, and cut to at most limit bytes on a rune's boundary. It
// makes a router's words fit for a condition, an event or a log. What it returns is a copy, which does not keep in memory
// what s is a part of; nor does s have to be on the heap, which a caller's string(line) then is not.
func Printable(s string, limit int) string {
	if len(s) <= limit && isPlain(s) {
		return strings.Clone(s)
	}
	words := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.Clone(firstBytes(s, 4*limit)))
	return strings.Clone(strings.TrimSpace(firstBytes(strings.Join(strings.Fields(words), " "), limit)))
}

// isPlain is true for words of ASCII with one space between them, as nearly all of a router's are.
func isPlain(s string) bool {
	afterSpace := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == ' ' && afterSpace {
			return false
		}
		afterSpace = s[i] == ' '
	}
	return s == "" || !afterSpace
}

func firstBytes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
