package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"math"
	"strings"
	"text/template"
)

// plotCommand is what a reader types to make the plot again.
const plotCommand = "make bench"

//go:embed growth.svg.tmpl
var plotTemplate string

// The geometry of a panel, in the SVG's units.
const (
	panelWidth, panelHeight = 260, 200
	panelStep               = 350
	ticks                   = 4
)

// panel is one diagram over the number of nodes.
type panel struct {
	X      int
	Title  string
	Top    float64 // the end of the y axis
	Right  float64 // the end of the x axis
	Curves []curve
}

// curve is one series. Dashed are the floors.
type curve struct {
	Name   string
	Color  string
	Dashed bool
	points [][2]float64
}

// plot draws how time, CPU and memory grow with the number of nodes, with the numbers in a comment.
func (r *report) plot() ([]byte, error) {
	var b bytes.Buffer
	parsed, err := template.New("growth").Parse(plotTemplate)
	if err != nil {
		return nil, err
	}
	err = parsed.Execute(&b, map[string]any{
		"Command": plotCommand, "Machine": r.Machine, "Storms": r.Storms, "Panels": r.panels(),
		"PanelWidth": panelWidth, "PanelHeight": panelHeight,
	})
	return b.Bytes(), err
}

func (r *report) panels() []panel {
	panels := []panel{
		{Title: "seconds", Curves: []curve{
			r.curve("join", "#1b6ca8", func(s storm) float64 { return s.Join.Seconds }),
			r.curve("its floor", "#1b6ca8", func(s storm) float64 { return s.Join.Floor.Seconds }).dashed(),
			r.curve("release", "#c2571a", func(s storm) float64 { return s.Release.Seconds }),
			r.curve("its floor", "#c2571a", func(s storm) float64 { return s.Release.Floor.Seconds }).dashed(),
		}},
		{Title: "CPU seconds of the leader", Curves: []curve{
			r.curve("join", "#1b6ca8", func(s storm) float64 { return s.Join.CPUSeconds }),
			r.curve("release", "#c2571a", func(s storm) float64 { return s.Release.CPUSeconds }),
		}},
		{Title: "MiB of the leader", Curves: []curve{
			r.curve("most", "#444444", func(s storm) float64 { return s.PeakMiB }),
			r.curve("afterwards", "#888888", func(s storm) float64 { return s.ResidentMiB }),
		}},
	}
	for i := range panels {
		panels[i].X = 50 + i*panelStep
		panels[i].fit()
	}
	return panels
}

func (r *report) curve(name, color string, value func(storm) float64) curve {
	c := curve{Name: name, Color: color}
	for _, s := range r.Storms {
		c.points = append(c.points, [2]float64{float64(s.Nodes), value(s)})
	}
	return c
}

func (c curve) dashed() curve {
	c.Dashed = true
	return c
}

// fit ends the axes at round numbers beyond every point.
func (p *panel) fit() {
	for _, c := range p.Curves {
		for _, point := range c.points {
			p.Right, p.Top = max(p.Right, point[0]), max(p.Top, point[1])
		}
	}
	p.Right, p.Top = roundUp(p.Right), roundUp(p.Top)
}

// roundUp returns the next number that is one of 1, 2, 4, 6, 8 and 10 times a power of ten.
func roundUp(v float64) float64 {
	if v <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{1, 2, 4, 6, 8} {
		if v <= factor*power {
			return factor * power
		}
	}
	return 10 * power
}

// Path is the curve's points as those of a polyline.
func (p panel) Path(c curve) string {
	words := make([]string, 0, len(c.points))
	for _, point := range c.points {
		words = append(words, fmt.Sprintf("%.1f,%.1f", point[0]/p.Right*panelWidth, panelHeight-point[1]/p.Top*panelHeight))
	}
	return strings.Join(words, " ")
}

// Tick is a mark of an axis: where it is, and what it stands for.
type Tick struct {
	At    float64
	Label string
}

// XTicks are the marks of the x axis.
func (p panel) XTicks() []Tick { return marks(p.Right, panelWidth) }

// YTicks are the marks of the y axis, from the bottom.
func (p panel) YTicks() []Tick {
	all := marks(p.Top, panelHeight)
	for i := range all {
		all[i].At = panelHeight - all[i].At
	}
	return all
}

func marks(end, length float64) []Tick {
	var all []Tick
	for i := range ticks + 1 {
		share := float64(i) / ticks
		all = append(all, Tick{At: share * length, Label: fmt.Sprintf("%.4g", share*end)})
	}
	return all
}

// keyStep is the width of an entry of a panel's key, keyLine that of its line.
const keyStep, keyLine = 72, 18

// KeyX is where the line of an entry of the key begins.
func (p panel) KeyX(i int) int { return i * keyStep }

// KeyEnd is where it ends.
func (p panel) KeyEnd(i int) int { return p.KeyX(i) + keyLine }
