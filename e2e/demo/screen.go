package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/peergate/peergate/e2e/demo/film"
)

const reset = "\x1b[0m"

// sequences are the SGR sequences of ECMA-48.
var sequences = map[film.Style]string{film.Bold: "\x1b[1m", film.Typed: "\x1b[36m"}

const indent = "    "

// screen writes for a person who reads along.
type screen struct {
	out     io.Writer
	colours bool
	started time.Time
	// film has all of the story, in colours.
	film film.Film
}

func newScreen(out io.Writer, colours bool, started time.Time) *screen {
	return &screen{out: out, colours: colours, started: started}
}

func (s *screen) elapsed() time.Duration { return time.Since(s.started).Round(time.Second) }

// restart begins the story, and counts the time from now on: that of a build is not part of it.
func (s *screen) restart() { s.started, s.film = time.Now(), film.Film{} }

func (s *screen) title(text string) {
	s.line()
	s.line(film.Run{Style: film.Bold, Text: text}, film.Run{Style: film.Plain, Text: fmt.Sprintf("  (%s)", s.elapsed())})
}

func (s *screen) say(format string, args ...any) {
	s.line(film.Run{Style: film.Plain, Text: fmt.Sprintf(format, args...)})
}

// typed shows a line as somebody typed it after a prompt.
func (s *screen) typed(prompt, line string) {
	s.line(film.Run{Style: film.Plain, Text: indent}, film.Run{Style: film.Typed, Text: prompt + " " + line})
}

// printed shows what a command answered.
func (s *screen) printed(text string) {
	for line := range strings.Lines(strings.TrimSpace(text)) {
		s.line(film.Run{Style: film.Plain, Text: indent + strings.TrimRight(line, " \n")})
	}
}

func (s *screen) line(runs ...film.Run) {
	s.film.Add(runs...)
	for _, run := range runs {
		text := run.Text
		if sequence := sequences[run.Style]; s.colours && sequence != "" {
			text = sequence + text + reset
		}
		fmt.Fprint(s.out, text)
	}
	fmt.Fprintln(s.out)
}
