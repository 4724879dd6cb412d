package monitoring_test

import (
	"io"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/peergate/peergate/e2e/monitoring/plot"
)

// drawn are the series of a panel: what is asked for, the label that names a series, and the colour of each.
type drawn struct {
	title  string
	kind   plot.Kind
	query  string
	label  model.LabelName
	series [][2]string
}

// The colours are those of the dashboard.
var figure = []drawn{
	{"Nodes by state", plot.Areas, `max by (state) (peergate_nodes)`, "state", [][2]string{
		{"peered", "#56a64b"}, {"reported", "#8f3bb8"}, {"held", "#ff780a"}, {"lost", "#e02f44"}, {"unknown", "#9fa7b3"},
	}},
	{"Age of the oldest taint, seconds", plot.Lines, `max by (state) (peergate_oldest_taint_age_seconds)`, "state", [][2]string{
		{"held", "#ff780a"}, {"lost", "#e02f44"},
	}},
	{"Alerts that fire, after seconds where the shipped ones wait for minutes", plot.Spans,
		`sum by (alertname) (ALERTS{alertstate="firing"})`, "alertname", [][2]string{
			{"PeergateNodeHeld", "#ff780a"}, {"PeergateNodeLost", "#e02f44"}, {"PeergateExistingNodesUnpeered", "#8f3bb8"},
			{"PeergateRouterSilent", "#3274d9"}, {"PeergateBMPStreamDown", "#56b4e9"}, {"PeergateGuardTripped", "#a352cc"}, {"PeergateSpeakerBlocked", "#6e7681"},
			{"PeergateNoLeader", "#24292f"},
		}},
}

// draw writes the run as a plot.
func (r *run) draw(w io.Writer, ended time.Time) error {
	f := plot.Figure{
		Title: "Five nodes join, one is lost, the router babbles, all sessions drop, the leader stops",
		Start: r.began, End: ended,
	}
	for _, d := range figure {
		// A series that is there for a part of the run is 0 in the rest of it.
		values := map[string]map[model.Time]float64{}
		times := map[model.Time]bool{}
		for _, series := range r.prometheus.over(d.query, r.began, ended) {
			values[string(series.Metric[d.label])] = map[model.Time]float64{}
			for _, sample := range series.Values {
				values[string(series.Metric[d.label])][sample.Timestamp] = float64(sample.Value)
				times[sample.Timestamp] = true
			}
		}
		p := plot.Panel{Title: d.title, Kind: d.kind}
		for _, named := range d.series {
			s := plot.Series{Name: named[0], Color: named[1]}
			for _, at := range slices.Sorted(maps.Keys(times)) {
				s.Points = append(s.Points, plot.Point{At: at.Time(), Value: values[named[0]][at]})
			}
			p.Series = append(p.Series, s)
		}
		f.Panels = append(f.Panels, p)
	}
	return f.Write(w)
}
