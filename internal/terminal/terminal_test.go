package terminal_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/internal/terminal"
)

// TestNoColoursAwayFromATerminal: a pipe and a file get words alone.
func TestNoColoursAwayFromATerminal(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if terminal.StyleFor(file, os.Getenv).Colour || terminal.StyleFor(&bytes.Buffer{}, os.Getenv).Colour {
		t.Error("there are colours")
	}
	plain := terminal.Style{}
	for _, paint := range []func(string) string{plain.Bold, plain.Bad, plain.Warning, plain.Good, plain.Faint} {
		if got := paint("word"); got != "word" {
			t.Errorf("without colours, it is %q", got)
		}
	}
	if got := (terminal.Style{Colour: true}).Bad("word"); got != "\x1b[31mword\x1b[0m" {
		t.Errorf("with colours, it is %q", got)
	}
}

// TestColours on a terminal, unless the person does not want them.
func TestColours(t *testing.T) {
	tty := openTerminal(t)
	tests := map[string]struct {
		environment map[string]string
		want, live  bool
	}{
		"a terminal": {map[string]string{"TERM": "xterm"}, true, true},
		"NO_COLOR":   {map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, false, true},
		"a dumb one": {map[string]string{"TERM": "dumb"}, false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			getenv := func(key string) string { return test.environment[key] }
			if got := terminal.StyleFor(tty, getenv).Colour; got != test.want {
				t.Errorf("colours: %t, want %t", got, test.want)
			}
			if got := terminal.IsLive(tty, getenv); got != test.live {
				t.Errorf("a live view: %t, want %t", got, test.live)
			}
		})
	}
}

// TestTable: colours do not move the columns, and no line ends in blanks.
func TestTable(t *testing.T) {
	style := terminal.Style{Colour: true}
	table := terminal.Table{Indent: "  "}
	table.Row("NAME", "STATE", "SINCE")
	table.Painted(style.Good, "köln", "peered", "1d")
	table.Painted(style.Bad, "leviathan3", "held", "12m")
	var out bytes.Buffer
	if err := table.Write(&out); err != nil {
		t.Fatal(err)
	}
	want := "  NAME         STATE    SINCE\n" +
		"  \x1b[32mköln\x1b[0m         peered   1d\n" +
		"  \x1b[31mleviathan3\x1b[0m   held     12m\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestScreen(t *testing.T) {
	var pipe, tty bytes.Buffer
	file, live := terminal.Screen{Out: &pipe, Between: "\n"}, terminal.Screen{Out: &tty, Live: true}
	for _, page := range []struct{ text, about string }{{"held 1s\n", "held"}, {"held 2s\n", "held"}, {"peered 0s\n", "peered"}} {
		for _, screen := range []*terminal.Screen{&file, &live} {
			if err := screen.Show(page.text, page.about); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff("held 1s\n\npeered 0s\n", pipe.String()); diff != "" {
		t.Errorf("into a pipe, only changes are written (-want +got):\n%s", diff)
	}
	if got := strings.Count(tty.String(), "\x1b[H"); got != 3 || !strings.HasSuffix(tty.String(), "\x1b[Hpeered 0s\x1b[K\n\x1b[J") {
		t.Errorf("on a terminal, each text replaces the one before: %q", tty.String())
	}
}

// TestScreenShowsTheTop: what needs a person comes first, and must not scroll away.
func TestScreenShowsTheTop(t *testing.T) {
	const text = "first\n\x1b[31mtwo rows!\x1b[0m\nthird\nfourth\nfifth\n"
	tests := map[string]struct {
		columns, rows int
		want          string
	}{
		"fits":            {5, 8, text},
		"one row too few": {5, 7, "first\n\x1b[31mtwo rows!\x1b[0m\nthird\n… and 2 more lines; without --watch all are shown\n"},
		"wide":            {80, 6, text},
		"wide and low":    {80, 4, "first\n\x1b[31mtwo rows!\x1b[0m\n… and 3 more lines; without --watch all are shown\n"},
		"of no size":      {0, 0, text},
		"too low":         {80, 2, text},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			screen := terminal.Screen{Out: &out, Live: true, Size: func() (int, int) { return test.columns, test.rows }}
			if err := screen.Show(text, ""); err != nil {
				t.Fatal(err)
			}
			want := "\x1b[2J\x1b[H" + strings.ReplaceAll(test.want, "\n", "\x1b[K\n") + "\x1b[J"
			if diff := cmp.Diff(want, out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestClean: what somebody wrote into the cluster does not steer the terminal of who reads it.
func TestClean(t *testing.T) {
	style := terminal.Style{Colour: true}
	tests := map[string]string{
		"a line\n\tand an Ünïcode one\n":        "a line\n\tand an Ünïcode one\n",
		style.Bad("held") + style.Bold("b"):     style.Bad("held") + style.Bold("b"),
		"\x1b[2J\x1b[Hall is well":              "\ufffd[2J\ufffd[Hall is well",
		"\x1b[8mhidden\x1b]0;title\a":           "\ufffd[8mhidden\ufffd]0;title\ufffd",
		"over\rwritten\b\x7f":                   "over\ufffdwritten\ufffd\ufffd",
		"C1 \u009b2J, turned \u202eround\u2066": "C1 \ufffd2J, turned \ufffdround\ufffd",
		"":                                      "",
	}
	for text, want := range tests {
		if got := terminal.Clean(text); got != want {
			t.Errorf("of %q it leaves %q, want %q", text, got, want)
		}
	}
}
