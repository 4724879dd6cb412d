// Package terminal is the difference between writing for a person at a terminal and for a file or a pipe.
package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Style colours words, or leaves them as they are.
type Style struct{ Colour bool }

// Is is true if what is written to w is seen by a person.
func Is(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// IsLive is true if a person sees what is written to w, and it can be written over.
func IsLive(w io.Writer, getenv func(string) string) bool { return Is(w) && getenv("TERM") != "dumb" }

// Size is that of a terminal in characters, or zeros where w is none.
func Size(w io.Writer) (columns, rows int) {
	file, ok := w.(*os.File)
	if !ok {
		return 0, 0
	}
	columns, rows, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0, 0
	}
	return columns, rows
}

// StyleFor returns the style for a writer: colours on a terminal only, and not where the person does not want them
// (https://no-color.org) or the terminal has none.
func StyleFor(w io.Writer, getenv func(string) string) Style {
	return Style{Colour: IsLive(w, getenv) && getenv("NO_COLOR") == ""}
}

// The colours are those of ECMA-48, Select Graphic Rendition.
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
	faint  = "2"
)

// Bold is for a heading.
func (s Style) Bold(text string) string { return s.paint(bold, text) }

// Bad is for what needs a person.
func (s Style) Bad(text string) string { return s.paint(red, text) }

// Warning is for what may need one.
func (s Style) Warning(text string) string { return s.paint(yellow, text) }

// Good is for what is as it should be.
func (s Style) Good(text string) string { return s.paint(green, text) }

// Faint is for what is said besides.
func (s Style) Faint(text string) string { return s.paint(faint, text) }

func (s Style) paint(code, text string) string {
	if !s.Colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
