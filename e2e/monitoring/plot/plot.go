// Package plot draws figures of time as SVG: areas on top of each other, lines, and spans in which something was so.
package plot

import (
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// Figure is panels above each other, with one axis of time from Start to End.
type Figure struct {
	Title      string
	Start, End time.Time
	Panels     []Panel
}

// Panel is one of Areas, Lines and Spans, with a title.
type Panel struct {
	Title  string
	Kind   Kind
	Series []Series
}

// Kind is how the series of a panel are drawn.
type Kind int

// Areas are stacked, the first at the bottom. Spans have a row each, drawn wherever the value is not 0.
const (
	Areas Kind = iota
	Lines
	Spans
)

// Series is values over time. A value lasts until the next.
type Series struct {
	Name, Color string
	Points      []Point
}

// Point is a value at a time.
type Point struct {
	At    time.Time
	Value float64
}

// The layout, in pixels.
const (
	width, left, right = 900, 56, 210
	top, gap, bottom   = 44, 40, 34
	panelHeight        = 120
	rowHeight          = 20
)

// Write draws the figure.
func (f Figure) Write(w io.Writer) error {
	d := drawing{figure: f}
	d.element(`<text x="%d" y="22" font-size="16" font-weight="bold">%s</text>`, left, html.EscapeString(f.Title))
	y := top + gap/2
	for _, p := range f.Panels {
		y += d.panel(p, y) + gap
	}
	height := y - gap + bottom
	panels := d.body.String()
	d.body.Reset()
	d.axis(y - gap)
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" fill="#24292f">
<rect width="%d" height="%d" fill="#ffffff"/>
%s%s</svg>
`, width, height, width, height, d.body.String(), panels)
	return err
}

type drawing struct {
	figure Figure
	body   strings.Builder
}

func (d *drawing) element(format string, args ...any) {
	fmt.Fprintf(&d.body, format+"\n", args...)
}

// x is where a time is.
func (d *drawing) x(at time.Time) float64 {
	share := float64(at.Sub(d.figure.Start)) / float64(d.figure.End.Sub(d.figure.Start))
	return left + min(max(share, 0), 1)*(width-left-right)
}

// axis marks every so many seconds that there are at most a dozen marks.
func (d *drawing) axis(y int) {
	length := d.figure.End.Sub(d.figure.Start)
	step := 5 * time.Second
	for length/step > 12 {
		step *= 2
	}
	for after := time.Duration(0); after <= length; after += step {
		x := d.x(d.figure.Start.Add(after))
		d.element(`<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#d0d7de"/>`, x, top, x, y+4)
		d.element(`<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x, y+20, after)
	}
}

// panel draws one below y, and returns its height.
func (d *drawing) panel(p Panel, y int) int {
	d.element(`<text x="%d" y="%d" font-weight="bold">%s</text>`, left, y-8, html.EscapeString(p.Title))
	if p.Kind == Spans {
		for i, s := range p.Series {
			d.spans(s, y+i*rowHeight)
		}
		return len(p.Series) * rowHeight
	}
	highest := p.highest()
	d.element(`<text x="%d" y="%d" text-anchor="end">%g</text>`, left-6, y+4, highest)
	d.element(`<text x="%d" y="%d" text-anchor="end">0</text>`, left-6, y+panelHeight+4)
	base := map[time.Time]float64{}
	for i, s := range p.Series {
		if p.Kind == Areas {
			d.area(s, base, y, highest)
		} else {
			d.line(s, y, highest)
		}
		d.legend(s, y+14+i*18)
	}
	d.element(`<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#57606a"/>`, left, y+panelHeight, width-right, y+panelHeight)
	return panelHeight
}

// highest is the value at the upper edge: of a stack, its greatest height.
func (p Panel) highest() float64 {
	sums, greatest := map[time.Time]float64{}, 1.0
	for _, s := range p.Series {
		for _, point := range s.Points {
			if p.Kind == Lines {
				greatest = max(greatest, point.Value)
				continue
			}
			sums[point.At] += point.Value
			greatest = max(greatest, sums[point.At])
		}
	}
	return math.Ceil(greatest)
}

func height(value, highest float64, y int) float64 {
	return float64(y) + panelHeight*(1-value/highest)
}

// area draws a series as steps on top of base, and adds it to that.
func (d *drawing) area(s Series, base map[time.Time]float64, y int, highest float64) {
	var upper, lower []string
	for i, point := range s.Points {
		from, to := d.x(point.At), d.x(d.figure.End)
		if i+1 < len(s.Points) {
			to = d.x(s.Points[i+1].At)
		}
		low := base[point.At]
		base[point.At] = low + point.Value
		high := height(low+point.Value, highest, y)
		upper = append(upper, fmt.Sprintf("%.1f,%.1f %.1f,%.1f", from, high, to, high))
		lower = append(lower, fmt.Sprintf("%.1f,%.1f %.1f,%.1f", to, height(low, highest, y), from, height(low, highest, y)))
	}
	for _, edge := range slices.Backward(lower) {
		upper = append(upper, edge)
	}
	d.element(`<polygon points="%s" fill="%s"/>`, strings.Join(upper, " "), s.Color)
}

func (d *drawing) line(s Series, y int, highest float64) {
	points := make([]string, 0, len(s.Points))
	for _, point := range s.Points {
		points = append(points, fmt.Sprintf("%.1f,%.1f", d.x(point.At), height(point.Value, highest, y)))
	}
	d.element(`<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, strings.Join(points, " "), s.Color)
}

func (d *drawing) spans(s Series, y int) {
	end := Point{At: d.figure.End}
	began := end
	for _, point := range append(s.Points, end) {
		switch from := d.x(began.At); {
		case began == end && point.Value != 0:
			began = point
		case began != end && point.Value == 0:
			d.element(`<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`, from, y+2, d.x(point.At)-from, rowHeight-4, s.Color)
			began = end
		}
	}
	d.legend(s, y+14)
}

func (d *drawing) legend(s Series, y int) {
	d.element(`<rect x="%d" y="%d" width="10" height="10" fill="%s"/>`, width-right+8, y-9, s.Color)
	d.element(`<text x="%d" y="%d" font-size="11">%s</text>`, width-right+22, y, html.EscapeString(s.Name))
}
