package snmp

import (
	"fmt"
	"maps"
	"slices"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// established is the number of that state in every MIB.
const established = "6"

// states are bgpPeerState's numbers in RFC 4273, which the other MIBs kept. FRR has two more, Clearing and Deleted, for a
// neighbor that is on its way to Idle.
var states = map[string]routerclient.State{
	"1":         routerclient.Idle,
	"2":         routerclient.Connect,
	"3":         routerclient.Active,
	"4":         routerclient.OpenSent,
	"5":         routerclient.OpenConfirm,
	established: routerclient.Established,
	"7":         routerclient.Idle,
	"8":         routerclient.Idle,
}

// rows are the columns of a table that were read.
type rows struct {
	table                                                               *table
	states, adminStatus, remoteAS, instance, establishedTime, lastError column
}

// checkWhole fails if the columns that are always read differ in their rows: a neighbor came or went while they were
// read, or the agent lost the daemon, and took the end of what it knew for the end of the table.
func (r *rows) checkWhole() error {
	for _, c := range []struct {
		oid    string
		values column
	}{{r.table.adminStatus, r.adminStatus}, {r.table.remoteAS, r.remoteAS}, {r.table.instance, r.instance}} {
		if c.oid == "" {
			continue
		}
		if len(c.values) != len(r.states) {
			return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%d peers in column %s and %d in %s", len(r.states), r.table.state, len(c.values), c.oid)
		}
		for index := range r.states {
			if _, found := c.values[index]; !found {
				return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "peer %s is in column %s and not in %s", index, r.table.state, c.oid)
			}
		}
	}
	return nil
}

func (r *rows) sessions() ([]routerclient.Session, error) {
	sessions := make([]routerclient.Session, 0, len(r.states))
	for _, index := range slices.Sorted(maps.Keys(r.states)) {
		s, err := r.session(index)
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, s)
	}
	return sessions, nil
}

func (r *rows) session(index string) (routerclient.Session, error) {
	instance, peer, err := r.table.row(index)
	if err != nil {
		return routerclient.Session{}, err
	}
	if v, isColumn := r.instance[index]; isColumn {
		if instance, err = v.number(); err != nil {
			return routerclient.Session{}, fmt.Errorf("peer %s: instance: %w", index, err)
		}
	}
	state, known := states[r.states[index].text]
	if !known {
		return routerclient.Session{}, fmt.Errorf("peer %s: state %q is not in RFC 4273", index, bgptext.Printable(r.states[index].text, 20))
	}
	s := routerclient.Session{
		VRF: r.table.vrf(instance), Peer: peer.WithZone(""), Interface: peer.Zone(), State: state,
		AdminDown: r.adminStatus[index].text == "1",
	}
	if s.RemoteASN, err = r.remoteAS.asn(index); err != nil {
		return routerclient.Session{}, fmt.Errorf("peer %s: AS number: %w", index, err)
	}
	switch {
	case state == routerclient.Established:
		if s.Uptime, err = r.establishedTime.duration(index); err != nil {
			return routerclient.Session{}, fmt.Errorf("peer %s: uptime: %w", index, err)
		}
	case !s.AdminDown:
		s.Detail = notification(r.lastError[index])
	}
	return s, nil
}
