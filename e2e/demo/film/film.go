// Package film draws what was shown in a terminal as an SVG that scrolls by itself. It begins with a full screen, so that
// a picture that does not move says something too.
package film

import (
	"fmt"
	"html"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Style is how a part of a line looks.
type Style string

// The styles, by the names of their CSS classes.
const (
	Plain Style = "plain"
	Bold  Style = "bold"
	Typed Style = "typed"
)

// Run is a part of a line.
type Run struct {
	Style Style
	Text  string
}

// Film is what was shown so far, from the first line. Its zero value is ready for use.
type Film struct{ lines [][]Run }

// The screen, in characters. Longer lines go on in the next row, as they do in a terminal.
const (
	Columns = 116
	Rows    = 25
)

// How long a line waits for its turn. A person reads, and nothing here is in a hurry.
const (
	untilNext  = 100 * time.Millisecond
	untilTyped = 700 * time.Millisecond
	// untilStep is for an empty line before a line that begins in bold.
	untilStep = 2500 * time.Millisecond
	atStart   = 4 * time.Second
	atEnd     = 6 * time.Second
)

// Add adds a line. A film does not begin with an empty one.
func (f *Film) Add(line ...Run) {
	if len(f.lines) == 0 && len(line) == 0 {
		return
	}
	row, used := []Run{}, 0
	for _, run := range line {
		for text := []rune(run.Text); len(text) > 0; {
			if used == Columns {
				f.lines = append(f.lines, row)
				row, used = nil, 0
			}
			n := min(len(text), Columns-used)
			row = append(row, Run{run.Style, string(text[:n])})
			text, used = text[n:], used+n
		}
	}
	f.lines = append(f.lines, row)
}

// scroll is when the screen has moved up by how many rows.
type scroll struct {
	at   time.Duration
	rows int
}

// scrolls are the moments at which a line comes in at the bottom, and how long it all takes.
func (f *Film) scrolls() (all []scroll, length time.Duration) {
	at := atStart
	for i := Rows; i < len(f.lines); i++ {
		at += f.wait(i)
		all = append(all, scroll{at, i + 1 - Rows})
	}
	return all, at + atEnd
}

func (f *Film) wait(i int) time.Duration {
	switch {
	case len(f.lines[i]) == 0 && i+1 < len(f.lines) && begins(f.lines[i+1], Bold):
		return untilStep
	case begins(f.lines[i-1], Typed):
		return untilTyped
	}
	return untilNext
}

// begins is true if the first part of a line that is not an indent has a style.
func begins(line []Run, with Style) bool {
	for _, run := range line {
		if strings.TrimSpace(run.Text) != "" {
			return run.Style == with
		}
	}
	return false
}

// Height is that of the screen, in pixels.
const Height = Rows * rowHeight

// The picture, in pixels.
const (
	charWidth, rowHeight, fontSize = 8.4, 18, 14
	margin, bar                    = 22, 40
	width                          = Columns*charWidth + 2*margin
	height                         = Height + bar + margin
)

const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]g %[2]d" width="%[1]g" height="%[2]d" role="img">
<title>%[3]s</title>
<style>
text { font: %[4]dpx ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; white-space: pre; fill: #e6e6e6 }
.bold { font-weight: bold; fill: #ffffff }
.typed { fill: #66d9ef }
#roll { animation: roll %[5]dms steps(1, end) infinite }
@media (prefers-reduced-motion: reduce) { #roll { animation: none } }
@keyframes roll {
0%% { transform: translateY(0) }
`

const body = `}
</style>
<rect width="100%%" height="100%%" rx="6" fill="#24292f"/>
<circle cx="24" cy="20" r="6" fill="#f25c54"/><circle cx="44" cy="20" r="6" fill="#f4b942"/><circle cx="64" cy="20" r="6" fill="#56a64b"/>
<svg x="%d" y="%d" width="%g" height="%d"><g id="roll">
`

// Write draws the film.
func (f *Film) Write(w io.Writer, title string) error {
	var b strings.Builder
	scrolls, length := f.scrolls()
	fmt.Fprintf(&b, head, width, height, html.EscapeString(title), fontSize, length.Milliseconds())
	for _, s := range scrolls {
		fmt.Fprintf(&b, "%.3f%% { transform: translateY(-%dpx) }\n", 100*s.at.Seconds()/length.Seconds(), s.rows*rowHeight)
	}
	if n := len(scrolls); n > 0 {
		fmt.Fprintf(&b, "100%% { transform: translateY(-%dpx) }\n", scrolls[n-1].rows*rowHeight)
	}
	fmt.Fprintf(&b, body, margin, bar, width-2*margin, Height)
	for i, line := range f.lines {
		column := 0
		for _, run := range line {
			drawRun(&b, run, column, i)
			column += utf8.RuneCountInString(run.Text)
		}
	}
	b.WriteString("</g></svg>\n</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// drawRun gives the text the length that it has in a terminal, whichever font there is.
func drawRun(b *strings.Builder, run Run, column, row int) {
	text := strings.TrimLeft(run.Text, " ")
	column += len(run.Text) - len(text)
	if text = strings.TrimRight(text, " "); text == "" {
		return
	}
	fmt.Fprintf(b, `<text class="%s" x="%.1f" y="%d" textLength="%.1f" xml:space="preserve">%s</text>`+"\n", run.Style,
		float64(column)*charWidth, row*rowHeight+fontSize, float64(utf8.RuneCountInString(text))*charWidth, html.EscapeString(text))
}
