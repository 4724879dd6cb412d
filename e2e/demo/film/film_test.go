package film

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLongLinesGoOn(t *testing.T) {
	full := strings.Repeat("é", Columns)
	tests := map[string]struct {
		line []Run
		want [][]Run
	}{
		"empty":           {nil, [][]Run{{}}},
		"just full":       {[]Run{{Plain, full}}, [][]Run{{{Plain, full}}}},
		"one too many":    {[]Run{{Plain, full + "x"}}, [][]Run{{{Plain, full}}, {{Plain, "x"}}}},
		"in another part": {[]Run{{Bold, full[2:]}, {Plain, "xy"}}, [][]Run{{{Bold, full[2:]}, {Plain, "x"}}, {{Plain, "y"}}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var f Film
			f.Add() // which a film does not begin with
			f.Add(Run{Plain, "1"})
			f.Add(test.line...)
			if diff := cmp.Diff(test.want, f.lines[1:]); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestScrolls: the first screen is there at once, and what comes after it comes line by line.
func TestScrolls(t *testing.T) {
	var f Film
	for i := range Rows {
		f.Add(Run{Plain, fmt.Sprint(i)})
	}
	f.Add(Run{Plain, "    "}, Run{Typed, "$ kubectl get nodes"})
	f.Add(Run{Plain, "NAME"})
	f.Add()
	f.Add(Run{Plain, "an empty line is no step"})
	f.Add()
	f.Add(Run{Bold, "2. A step"})
	got, length := f.scrolls()
	want := []scroll{{4100 * time.Millisecond, 1}, {4800 * time.Millisecond, 2}, {4900 * time.Millisecond, 3},
		{5 * time.Second, 4}, {7500 * time.Millisecond, 5}, {7600 * time.Millisecond, 6}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(scroll{})); diff != "" {
		t.Errorf("it scrolls (-want +got):\n%s", diff)
	}
	if want := 13600 * time.Millisecond; length != want {
		t.Errorf("it takes %s, want %s", length, want)
	}
}

func TestWrite(t *testing.T) {
	var f Film
	f.Add(Run{Bold, "1. <A step>"}, Run{Plain, "  (0s)"})
	for range Rows {
		f.Add(Run{Plain, "    "}, Run{Typed, "$ kubectl"})
	}
	var b strings.Builder
	if err := f.Write(&b, "Peergate & co"); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(b.String())); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("it is not XML: %v", err)
		}
	}
	for _, want := range []string{
		"<title>Peergate &amp; co</title>",
		"roll 10700ms steps(1, end) infinite",
		"\n0% { transform: translateY(0) }\n43.925% { transform: translateY(-18px) }\n100% { transform: translateY(-18px) }\n",
		`<text class="bold" x="0.0" y="14" textLength="92.4" xml:space="preserve">1. &lt;A step&gt;</text>`,
		`<text class="plain" x="109.2" y="14" textLength="33.6" xml:space="preserve">(0s)</text>`,
		`<text class="typed" x="33.6" y="464" textLength="75.6" xml:space="preserve">$ kubectl</text>`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, b.String())
		}
	}
}
