package nxos

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// vrfRow is a row of the answer to showSummary. A VRF has more than one, mostly first a stub without families.
type vrfRow struct {
	Name     string
	RouterID string
	LocalASN bgpjson.ASN
	Families []*familyRow
}

// familyRow is an address family of a VRF. One without neighbors has no count.
type familyRow struct {
	Name string
	// Configured is NX-OS's count of the neighbors in the family.
	Configured *number
	Neighbors  rows[neighborRow]
}

type neighborRow struct {
	ID       string      `json:"neighborid"`
	ASN      bgpjson.ASN `json:"neighboras"`
	Time     string      `json:"time"`
	State    string      `json:"state"`
	Received number      `json:"prefixreceived"`
}

// decodeVRFs reads
//
//	{"TABLE_vrf":{"ROW_vrf":[{"vrf-name-out":"default",…,"TABLE_af":{"ROW_af":{…,"TABLE_saf":{"ROW_saf":{"af-name":"IPv4 Unicast",
//	"configuredpeers":"1",…,"TABLE_neighbor":{"ROW_neighbor":{"neighborid":"192.0.2.11",…}}}}}}},…]}}
//
// token by token down to the neighbors: structs for the outer rows would have encoding/json read everything once more
// for each of them.
func decodeVRFs(dec *json.Decoder) ([]*vrfRow, error) {
	var vrfs []*vrfRow
	err := bgpjson.Members(dec, func(name string) error {
		if name != "TABLE_vrf" {
			return bgpjson.Skip(dec)
		}
		return decodeTable(dec, "ROW_vrf", func() memberFunc {
			vrf := &vrfRow{}
			vrfs = append(vrfs, vrf)
			return func(name string) error { return vrf.decode(dec, name) }
		})
	})
	return vrfs, err
}

func (v *vrfRow) decode(dec *json.Decoder, name string) error {
	switch name {
	case "vrf-name-out":
		return dec.Decode(&v.Name)
	case "vrf-router-id":
		return dec.Decode(&v.RouterID)
	case "vrf-local-as":
		return dec.Decode(&v.LocalASN)
	case "TABLE_af":
		return decodeTable(dec, "ROW_af", func() memberFunc {
			return func(name string) error { return v.decodeFamilies(dec, name) }
		})
	}
	return bgpjson.Skip(dec)
}

func (v *vrfRow) decodeFamilies(dec *json.Decoder, name string) error {
	if name != "TABLE_saf" {
		return bgpjson.Skip(dec)
	}
	return decodeTable(dec, "ROW_saf", func() memberFunc {
		family := &familyRow{}
		v.Families = append(v.Families, family)
		return func(name string) error { return family.decode(dec, name) }
	})
}

func (f *familyRow) decode(dec *json.Decoder, name string) error {
	switch name {
	case "af-name":
		return dec.Decode(&f.Name)
	case "configuredpeers":
		return dec.Decode(&f.Configured)
	case "TABLE_neighbor":
		return bgpjson.Members(dec, func(name string) error {
			if name != "ROW_neighbor" {
				return bgpjson.Skip(dec)
			}
			return dec.Decode(&f.Neighbors)
		})
	}
	return bgpjson.Skip(dec)
}

// memberFunc consumes the value of a row's member.
type memberFunc func(name string) error

// decodeTable reads {"ROW_…":…}, of which the rows are an array, or one object where there is one row. It calls begin
// for each row.
func decodeTable(dec *json.Decoder, row string, begin func() memberFunc) error {
	return bgpjson.Members(dec, func(name string) error {
		if name != row {
			return bgpjson.Skip(dec)
		}
		token, err := dec.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'):
			return decodeOneRow(dec, begin())
		case json.Delim('['):
			for dec.More() {
				if err := bgpjson.Members(dec, begin()); err != nil {
					return err
				}
			}
			_, err := dec.Token()
			return err
		}
		return errors.New("something else where rows should be")
	})
}

// decodeOneRow reads the members of an object of which the brace has been read.
func decodeOneRow(dec *json.Decoder, member memberFunc) error {
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		name, isName := token.(string)
		if !isName || seen[name] {
			return fmt.Errorf("a row with %q where another member should be", bgptext.Printable(fmt.Sprint(token), 64))
		}
		seen[name] = true
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}
