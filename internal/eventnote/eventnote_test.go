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
		"cut in a letter": {"x" + strings.Repeat("é", eventnote.Limit), "x" + strings.Repeat("é", (eventnote.Limit-7)/2) + "\n[…]"},
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
