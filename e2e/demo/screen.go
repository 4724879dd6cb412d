package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// The SGR sequences of ECMA-48.
const (
	bold  = "\x1b[1m"
	cyan  = "\x1b[36m"
	reset = "\x1b[0m"
)

const indent = "    "

// screen writes for a person who reads along.
type screen struct {
	out     io.Writer
	colours bool
	started time.Time
}

func newScreen(out io.Writer, colours bool, started time.Time) *screen {
	return &screen{out: out, colours: colours, started: started}
}

func (s *screen) elapsed() time.Duration { return time.Since(s.started).Round(time.Second) }

// restart counts the time from now on: that of a build is not part of the story.
func (s *screen) restart() { s.started = time.Now() }

func (s *screen) title(text string) {
	fmt.Fprintf(s.out, "\n%s  (%s)\n", s.painted(bold, text), s.elapsed())
}

func (s *screen) say(format string, args ...any) {
	fmt.Fprintf(s.out, format+"\n", args...)
}

// typed shows a line as somebody typed it after a prompt.
func (s *screen) typed(prompt, line string) {
	fmt.Fprintf(s.out, "%s%s\n", indent, s.painted(cyan, prompt+" "+line))
}

// printed shows what a command answered.
func (s *screen) printed(text string) {
	for line := range strings.Lines(strings.TrimSpace(text)) {
		fmt.Fprintf(s.out, "%s%s\n", indent, strings.TrimRight(line, " \n"))
	}
}

func (s *screen) painted(colour, text string) string {
	if !s.colours {
		return text
	}
	return colour + text + reset
}
