package bgptext_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/peergate/peergate/routerclient/bgptext"
)

func TestAppendWords(t *testing.T) {
	for _, s := range []string{"", " ", "a", "  a", "a\t b  ", "192.0.2.1    4 64512\t26"} {
		want := append([]string{"kept"}, strings.Fields(s)...)
		if got := bgptext.AppendWords([]string{"kept"}, s); !slices.Equal(got, want) {
			t.Errorf("AppendWords of %q: %q, want %q", s, got, want)
		}
	}
}

func TestCutWord(t *testing.T) {
	for s, want := range map[string][2]string{"": {"", ""}, " ": {"", ""}, "a": {"a", ""}, " a  b ": {"a", "  b "}, "\ta\tb": {"a", "\tb"}} {
		if word, rest := bgptext.CutWord(s); word != want[0] || rest != want[1] {
			t.Errorf("CutWord(%q) = %q, %q, want %q", s, word, rest, want)
		}
	}
}

func TestTrim(t *testing.T) {
	for line, want := range map[string]string{
		"": "", "\n": "", " \t \n": "", "a": "a", "a\n": "a", "  a b \t\n": "a b", "\ta": "a", "a\u00a0\n": "a\u00a0", "a\n\n": "a\n",
	} {
		if got := bgptext.Trim([]byte(line)); string(got) != want {
			t.Errorf("Trim(%q) = %q, want %q", line, got, want)
		}
	}
}

func TestUint(t *testing.T) {
	for s, want := range map[string]uint64{"0": 0, "007": 7, "64512": 64512, "9999999999999999999": 9999999999999999999} {
		if got, ok := bgptext.Uint(s); !ok || got != want {
			t.Errorf("Uint(%q) = %d, %t, want %d", s, got, ok, want)
		}
	}
	for _, s := range []string{"", " 1", "-1", "+1", "1.0", "1e3", "x", "10000000000000000000", "/", ":"} {
		if got, ok := bgptext.Uint(s); ok {
			t.Errorf("Uint(%q) = %d, want none", s, got)
		}
	}
}
