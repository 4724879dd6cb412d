package terminal

import (
	"io"
	"strings"
)

// Screen shows what changes. On a terminal each text replaces the one before; elsewhere each is added, with an empty line
// between two.
type Screen struct {
	Out  io.Writer
	Live bool

	last    string
	written bool
}

// The sequences of ECMA-48: cursor to the top left, erase to the end of the line, erase below.
const (
	home      = "\x1b[H"
	eraseLine = "\x1b[K"
	eraseDown = "\x1b[J"
	eraseAll  = "\x1b[2J"
)

// Show writes a text. Away from a terminal it does so only if what the text is about has changed since the last time: an
// age is another one each second. In a live view nothing is erased before it is written over, so that nothing flickers.
func (s *Screen) Show(text, about string) error {
	if s.written && !s.Live && about == s.last {
		return nil
	}
	var b strings.Builder
	switch {
	case s.Live:
		if !s.written {
			b.WriteString(eraseAll)
		}
		b.WriteString(home)
		b.WriteString(strings.ReplaceAll(text, "\n", eraseLine+"\n"))
		b.WriteString(eraseDown)
	case s.written:
		b.WriteString("\n" + text)
	default:
		b.WriteString(text)
	}
	s.last, s.written = about, true
	_, err := io.WriteString(s.Out, b.String())
	return err
}
