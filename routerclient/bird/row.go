package bird

import (
	"fmt"
	"strings"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// row is a protocol's line in BIRD's tables, as far as it is read.
type row struct {
	name, kind, state string
	// rest is what stands behind the state: when it was entered, in one or two words, and free text.
	rest string
}

func (r row) isBGP() bool { return r.kind == "BGP" }

// parseRow reads the columns Name, Proto, Table and State, which are words; a long name shifts those behind it.
func parseRow(text string) (row, error) {
	words, rest := cutWords(text, 4)
	if len(words) < 4 {
		return row{}, fmt.Errorf("row %q has no four columns", bgptext.Printable(text, 64))
	}
	return row{name: words[0], kind: words[1], state: words[3], rest: rest}, nil
}

// cutWords returns the first n words of s, or as many as there are, and what follows them.
func cutWords(s string, n int) (words []string, rest string) {
	for rest = strings.TrimLeft(s, " "); rest != "" && len(words) < n; rest = strings.TrimLeft(rest, " ") {
		word, behind, _ := strings.Cut(rest, " ")
		words, rest = append(words, word), behind
	}
	return words, rest
}
