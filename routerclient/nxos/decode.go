package nxos

import (
	"math"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
)

// vrfRow is a row of the answer to showSummary. A VRF has more than one, mostly first a stub without families.
type vrfRow struct {
	name, routerID string
	localASN       uint32
	families       []*familyRow
}

// familyRow is an address family of a VRF. One without neighbors has no counts.
type familyRow struct {
	name string
	// configured and capable are NX-OS's counts: of what is configured in the family, prefixes included, and of the
	// sessions in it that are up.
	configured, capable uint64
	neighbors           []neighborRow
}

// notShown is a count that is not in the answer.
const notShown = math.MaxUint64

// neighborRow is a row of a family's table. The words are parts of the answer.
type neighborRow struct {
	id, time, state []byte
	asn             uint32
	received        uint64
}

// reader reads
//
//	{"TABLE_vrf":{"ROW_vrf":[{"vrf-name-out":"default",…,"TABLE_af":{"ROW_af":{…,"TABLE_saf":{"ROW_saf":{"af-name":"IPv4 Unicast",
//	"configuredpeers":"1",…,"TABLE_neighbor":{"ROW_neighbor":{"neighborid":"192.0.2.11",…}}}}}}},…]}}
//
// Whether a value is a number or a string depends on the column and on the release.
type reader struct {
	*bgpjson.Scanner
	vrfs []*vrfRow
	// neighborRows counts those of all families.
	neighborRows int
}

func (r *reader) read() error {
	err := r.Member("TABLE_vrf", func() error { return r.rows("ROW_vrf", r.vrf) })
	if err != nil {
		return err
	}
	return r.End()
}

// rows reads the ROW_… of a TABLE_…: an array, or the one row itself where there is one.
func (r *reader) rows(name string, row func() error) error {
	return r.OneOrMore(func() error {
		return r.Member(name, func() error { return r.OneOrMore(row) })
	})
}

func (r *reader) vrf() error {
	if err := routerclient.CheckSessions(len(r.vrfs) + 1); err != nil {
		return err
	}
	vrf := &vrfRow{}
	r.vrfs = append(r.vrfs, vrf)
	return r.Object(func(name []byte) error {
		switch string(name) {
		case "vrf-name-out":
			return r.text(&vrf.name)
		case "vrf-router-id":
			return r.text(&vrf.routerID)
		case "vrf-local-as":
			return r.ASN(&vrf.localASN)
		case "TABLE_af":
			return r.rows("ROW_af", func() error { return r.subfamilies(vrf) })
		}
		return r.Skip()
	})
}

func (r *reader) subfamilies(vrf *vrfRow) error {
	return r.Member("TABLE_saf", func() error {
		return r.rows("ROW_saf", func() error {
			family := &familyRow{configured: notShown, capable: notShown}
			vrf.families = append(vrf.families, family)
			return r.family(family)
		})
	})
}

func (r *reader) family(family *familyRow) error {
	return r.Object(func(name []byte) error {
		switch string(name) {
		case "af-name":
			return r.text(&family.name)
		case "configuredpeers":
			return r.Count(&family.configured)
		case "capablepeers":
			return r.Count(&family.capable)
		case "TABLE_neighbor":
			return r.rows("ROW_neighbor", func() error { return r.neighbor(family) })
		}
		return r.Skip()
	})
}

func (r *reader) neighbor(family *familyRow) error {
	const families = 2 // most neighbors are in one or two
	r.neighborRows++
	if err := routerclient.CheckSessions(r.neighborRows / families); err != nil {
		return err
	}
	var row neighborRow
	err := r.Object(func(name []byte) (err error) {
		switch string(name) {
		case "neighborid":
			row.id, err = r.Text()
		case "neighboras":
			err = r.ASN(&row.asn)
		case "time":
			row.time, err = r.Scalar()
		case "state":
			row.state, err = r.Text()
		case "prefixreceived":
			err = r.Count(&row.received)
		default:
			err = r.Skip()
		}
		return err
	})
	family.neighbors = append(family.neighbors, row)
	return err
}

// text reads a name, which may look like a number: "100" is one for a VRF.
func (r *reader) text(p *string) error {
	text, err := r.Scalar()
	*p = string(text)
	return err
}
