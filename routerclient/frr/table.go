package frr

import (
	"encoding/json"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
)

// Table is the BGP table of an FRR without VRFs, for platforms that hand out vtysh's JSON inside their own. It shows no
// listen ranges.
type Table struct{ instance *instance }

// ReadTable reads what "show bgp summary json" answers, with the scanner at its beginning, and holds it against FRR's own
// counts. The error may have no reason; see [bgpjson.Error].
func ReadTable(s *bgpjson.Scanner) (*Table, error) {
	t := &Table{instance: newInstance(routerclient.DefaultVRF)}
	return t, t.instance.readFamilies(s)
}

// Len is the number of neighbors.
func (t *Table) Len() int { return len(t.instance.neighbors) }

// NeedsDetails is true if AddDetails can add something: why a neighbor is down, or which families one that is up has
// agreed on.
func (t *Table) NeedsDetails() bool {
	for _, n := range t.instance.neighbors {
		if n.needsReason() || n.needsFamilies() {
			return true
		}
	}
	return false
}

// AddDetails reads what "show bgp neighbors json" answers, with dec at its beginning, as far as it goes: without it,
// only that is missing.
func (t *Table) AddDetails(dec *json.Decoder) {
	_ = bgpjson.Members(dec, func(name string) error {
		known, found := t.instance.byName[name]
		if !found || !known.needsReason() && !known.needsFamilies() {
			return bgpjson.Skip(dec)
		}
		var answer json.RawMessage
		if err := dec.Decode(&answer); err != nil {
			return err
		}
		var long longForm
		if json.Unmarshal(answer, &long) == nil {
			known.addDetail(long)
		}
		return nil
	})
}

// Snapshot returns what the table says.
func (t *Table) Snapshot() *routerclient.Snapshot { return snapshot([]*instance{t.instance}) }
