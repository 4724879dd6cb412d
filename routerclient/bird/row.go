package bird

import (
	"fmt"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// row is a protocol's line in BIRD's tables, as far as it is read.
type row struct {
	name, kind []byte
	// rest is what stands behind the state: when it was entered, in one or two words, and free text.
	rest []byte
}

func (r row) isBGP() bool { return string(r.kind) == "BGP" }

// parseRow reads the columns Name, Proto, Table and State, which are words; a long name shifts those behind it.
func parseRow(text []byte) (row, error) {
	var r row
	var state []byte
	r.name, r.rest = bgptext.CutWord(text)
	r.kind, r.rest = bgptext.CutWord(r.rest)
	_, r.rest = bgptext.CutWord(r.rest)
	if state, r.rest = bgptext.CutWord(r.rest); len(state) == 0 {
		return row{}, fmt.Errorf("row %q has no four columns", bgptext.Printable(string(text), 64))
	}
	return r, nil
}
