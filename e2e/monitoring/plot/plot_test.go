package plot_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/e2e/monitoring/plot"
)

var update = flag.Bool("update", false, "write testdata anew")

func TestWrite(t *testing.T) {
	start := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	points := func(values ...float64) (points []plot.Point) {
		for i, v := range values {
			points = append(points, plot.Point{At: start.Add(time.Duration(i) * 10 * time.Second), Value: v})
		}
		return points
	}
	figure := plot.Figure{
		Title: "Held & <opened>", Start: start, End: start.Add(time.Minute),
		Panels: []plot.Panel{
			{Title: "Areas", Kind: plot.Areas, Series: []plot.Series{
				{Name: "peered", Color: "#00aa00", Points: points(1, 2, 2, 3)},
				{Name: "held", Color: "#ff8800", Points: points(2, 1, 1, 0)},
			}},
			{Title: "Lines", Kind: plot.Lines, Series: []plot.Series{{Name: "age", Color: "#0000aa", Points: points(0, 10, 20, 0)}}},
			{Title: "Spans", Kind: plot.Spans, Series: []plot.Series{
				{Name: "twice", Color: "#aa0000", Points: points(1, 0, 1, 1, 0)},
				{Name: "to the end", Color: "#aa00aa", Points: points(0, 0, 1)},
				{Name: "never", Color: "#000000", Points: points(0)},
			}},
		},
	}
	var got bytes.Buffer
	if err := figure.Write(&got); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, got.Bytes())
	const golden = "testdata/figure.svg"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("figure (-want +got; -update writes it):\n%s", diff)
	}
}

func wellFormed(t *testing.T, document []byte) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(document)); ; {
		switch _, err := d.Token(); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			t.Fatalf("the figure is not XML: %v", err)
		}
	}
}
