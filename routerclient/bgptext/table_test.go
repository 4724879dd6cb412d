package bgptext_test

import (
	"net/netip"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// TestIndex adds neighbors in the order in which routers list them, and in others.
func TestIndex(t *testing.T) {
	type added struct {
		Number int
		Known  bool
	}
	for name, test := range map[string]struct {
		neighbors string
		want      []added
	}{
		"by address":               {"10.0.0.9 10.0.0.10 fe80::1%eth0 fe80::1%eth1", []added{{0, false}, {1, false}, {2, false}, {3, false}}},
		"twice, one by one":        {"10.0.0.1 10.0.0.1 10.0.0.2", []added{{0, false}, {0, true}, {1, false}}},
		"twice, in order":          {"10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.2", []added{{0, false}, {1, false}, {2, false}, {1, true}}},
		"twice, out of order":      {"10.0.0.3 10.0.0.1 10.0.0.2 10.0.0.1 10.0.0.3", []added{{0, false}, {1, false}, {2, false}, {1, true}, {0, true}}},
		"the same address in VRFs": {"BLUE/10.0.0.2 BLUE/10.0.0.3 RED/10.0.0.2", []added{{0, false}, {1, false}, {2, false}}},
		"VRFs out of order":        {"RED/10.0.0.2 BLUE/10.0.0.2 RED/10.0.0.2", []added{{0, false}, {1, false}, {0, true}}},
	} {
		var index bgptext.Index
		index.Grow(2)
		var got []added
		for neighbor := range strings.FieldsSeq(test.neighbors) {
			vrf, addr, inVRF := strings.Cut(neighbor, "/")
			if !inVRF {
				vrf, addr = "", neighbor
			}
			number, known := index.Add(bgptext.Key{VRF: vrf, Peer: netip.MustParseAddr(addr)})
			got = append(got, added{number, known})
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestIndexFinds(t *testing.T) {
	var index bgptext.Index
	one, two := bgptext.Key{Peer: netip.MustParseAddr("10.0.0.1")}, bgptext.Key{VRF: "RED", Peer: netip.MustParseAddr("10.0.0.1")}
	if _, known := index.Find(one); known {
		t.Error("found in an empty index")
	}
	index.Add(one)
	if n, known := index.Find(one); n != 0 || !known {
		t.Errorf("found as %d, %t", n, known)
	}
	if _, known := index.Find(two); known {
		t.Error("found in another VRF")
	}
	index.Add(two)
	if n, known := index.Find(two); n != 1 || !known {
		t.Errorf("found as %d, %t", n, known)
	}
}

func TestNames(t *testing.T) {
	var names bgptext.Names
	answer := "RED BLUE RED RED \x1bnodes\x1b "
	shared := map[string]string{}
	for word := range strings.SplitSeq(answer, " ") {
		got := names.Printable(word)
		if want := bgptext.Printable(word, 200); got != want {
			t.Errorf("Printable(%q) = %q, want %q", word, got, want)
		}
		if known, again := shared[word]; again && unsafe.StringData(known) != unsafe.StringData(got) {
			t.Errorf("%q is held twice", word)
		}
		if got != "" && unsafe.StringData(got) == unsafe.StringData(word) {
			t.Errorf("%q keeps the answer", word)
		}
		shared[word] = got
	}
}

// TestFamilies gives a session its second family after the next session has its first.
func TestFamilies(t *testing.T) {
	var room bgptext.Families
	sessions := make([][]routerclient.Family, 1000)
	for _, afi := range []routerclient.AFI{routerclient.IPv4, routerclient.IPv6} {
		for i := range sessions {
			sessions[i] = room.Append(sessions[i], routerclient.Family{AFI: afi, Received: uint64(i)})
		}
	}
	for i, got := range sessions {
		n := uint64(i)
		want := []routerclient.Family{{AFI: routerclient.IPv4, Received: n}, {AFI: routerclient.IPv6, Received: n}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("session %d (-want +got):\n%s", i, diff)
		}
	}
}
