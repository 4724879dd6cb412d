package main

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/peergate/peergate/routerclient"
)

const testedSize = 300

// TestReaders has everything that is measured read the whole table: a comparison with a reader that gives up early
// would be worth nothing.
func TestReaders(t *testing.T) {
	for _, p := range platforms {
		t.Run(p.name, func(t *testing.T) {
			c, err := p.contest(testedSize)
			if err != nil {
				t.Fatal(err)
			}
			for i, one := range c.contestants() {
				if err := one.check(); err != nil {
					t.Errorf("contestant %d: %v", i, err)
				}
			}
		})
	}
}

// TestTables checks that each driver finds in its table the neighbors that were put in.
func TestTables(t *testing.T) {
	var want []netip.Addr
	for _, n := range neighbors(testedSize) {
		want = append(want, n.Address)
	}
	for _, p := range platforms {
		t.Run(p.name, func(t *testing.T) {
			printed, err := answers(p.answers, testedSize)
			if err != nil {
				t.Fatal(err)
			}
			snapshot, err := p.client(&router{answers: printed, status: p.status}).Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []netip.Addr
			for _, s := range snapshot.Sessions {
				got = append(got, s.Peer)
				if s.State != routerclient.Established || s.RemoteASN != 64513 {
					t.Errorf("neighbor %s: %s, AS %d", s.Peer, s.State, s.RemoteASN)
				}
			}
			slices.SortFunc(got, netip.Addr.Compare)
			if !slices.Equal(got, want) {
				t.Errorf("neighbors %s", got)
			}
		})
	}
}

// TestTooManyNeighbors: an answer with more neighbors than the manager has memory for is refused, not read.
func TestTooManyNeighbors(t *testing.T) {
	for _, p := range platforms {
		t.Run(p.name, func(t *testing.T) {
			printed, err := answers(p.answers, routerclient.MaxSessions+1)
			if err != nil {
				t.Fatal(err)
			}
			snapshot, err := p.client(&router{answers: printed, status: p.status}).Snapshot(t.Context())
			if want := routerclient.ReasonAnswerTooLarge; snapshot != nil || routerclient.ReasonOf(err) != want {
				t.Errorf("error %v, want one with reason %s", err, want)
			}
		})
	}
}
