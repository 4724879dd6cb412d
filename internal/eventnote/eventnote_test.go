package eventnote_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/peergate/peergate/internal/eventnote"
)

func TestOf(t *testing.T) {
	line := strings.Repeat("é", 100) + "\n"
	tests := map[string]struct{ message, want string }{
		"short":           {"Held.", "Held."},
		"just fits":       {strings.Repeat("x", eventnote.Limit), strings.Repeat("x", eventnote.Limit)},
		"lines":           {strings.Repeat(line, 20), strings.TrimSuffix(strings.Repeat(line, 5), "\n") + "\n[…]"},
		"one long line":   {strings.Repeat("x", eventnote.Limit+1), strings.Repeat("x", eventnote.Limit-6) + "\n[…]"},
		"an empty line":   {"\n" + strings.Repeat("x", eventnote.Limit), "\n" + strings.Repeat("x", eventnote.Limit-7) + "\n[…]"},
		"a short line":    {"x\n" + strings.Repeat("y", eventnote.Limit), "x\n[…]"},
		"cut in a letter": {"x" + strings.Repeat("é", eventnote.Limit), "x" + strings.Repeat("é", (eventnote.Limit-7)/2) + "\n[…]"},
		// In JSON each such byte becomes three.
		"no UTF-8":            {"caf\xe9", "caf\uFFFD"},
		"too long when it is": {strings.Repeat("\xe9x", 500), strings.Repeat("\uFFFDx", (eventnote.Limit-6)/4) + "\n[…]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := eventnote.Of(test.message)
			if got != test.want || len(got) > eventnote.Limit || !utf8.ValidString(got) {
				t.Errorf("Of of %d bytes = %d bytes %q, want %d bytes", len(test.message), len(got), got, len(test.want))
			}
		})
	}
}
