package terminal

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Screen shows what changes. On a terminal each text replaces the one before; elsewhere each is added.
type Screen struct {
	Out  io.Writer
	Live bool
	// Size is that of the terminal in characters, zeros if it is not known. Without it no text is cut.
	Size func() (columns, rows int)
	// Between is written between two texts where each is added.
	Between string

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
		b.WriteString(strings.ReplaceAll(s.fitting(text), "\n", eraseLine+"\n"))
		b.WriteString(eraseDown)
	case s.written:
		b.WriteString(s.Between + text)
	default:
		b.WriteString(text)
	}
	s.last, s.written = about, true
	_, err := io.WriteString(s.Out, b.String())
	return err
}

// fitting cuts a text that is longer than the terminal: it would scroll, and what comes first, which matters most, would
// be out of sight. The cursor stands on a row of its own below the text.
func (s *Screen) fitting(text string) string {
	if s.Size == nil {
		return text
	}
	columns, rows := s.Size()
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	if columns <= 0 || rows <= 2 || height(lines, columns) < rows {
		return text
	}
	shown := 0
	for height(lines[:shown+1], columns) < rows-1 {
		shown++
	}
	return strings.Join(lines[:shown], "") + fmt.Sprintf("… and %d more lines; without --watch all are shown\n", len(lines)-shown)
}

// colour is what Style writes around a word.
var colour = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// height is how many rows lines take in a terminal that wraps them.
func height(lines []string, columns int) (rows int) {
	for _, line := range lines {
		width := utf8.RuneCountInString(strings.TrimSuffix(colour.ReplaceAllString(line, ""), "\n"))
		rows += max(1, (width+columns-1)/columns)
	}
	return rows
}
