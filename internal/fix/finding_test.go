package fix_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/peergate/peergate/internal/fix"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

func TestFind(t *testing.T) {
	addr := netip.MustParseAddr
	snapshot := &routerclient.Snapshot{
		LocalASN: 64512,
		Sessions: []routerclient.Session{
			{VRF: "default", Peer: addr("192.168.3.31"), RemoteASN: 64513, PeerGroup: "K8S", State: routerclient.Established},
			{VRF: "default", Peer: addr("192.168.3.32"), RemoteASN: 64513, PeerGroup: "K8S", State: routerclient.Active},
			{VRF: "default", Peer: addr("10.0.0.1"), RemoteASN: 65000, State: routerclient.Established},
			{VRF: "default", Peer: addr("10.0.0.2"), RemoteASN: 65000, State: routerclient.Established},
			{VRF: "default", Peer: addr("10.0.0.3"), RemoteASN: 65000, State: routerclient.Established},
			{VRF: "default", Peer: addr("2001:db8:3::31"), RemoteASN: 64513, PeerGroup: "K8S-6", State: routerclient.Established},
			{VRF: "blue", Peer: addr("192.168.7.31"), RemoteASN: 64515, PeerGroup: "RACK7", State: routerclient.Established},
			{VRF: "red", Peer: addr("192.168.3.33"), RemoteASN: 64999, State: routerclient.Established},
		},
		ListenRanges: []routerclient.ListenRange{{VRF: "default", Prefix: netip.MustParsePrefix("192.168.9.0/24")}},
	}
	isNode := func(a netip.Addr) bool { return netip.MustParsePrefix("192.168.0.0/16").Contains(a) || a.Is6() }
	ofRack7 := func(a netip.Addr) bool { return netip.MustParsePrefix("192.168.7.0/24").Contains(a) }
	missing := routerclient.Missing{Peer: addr("192.168.3.33"), VRF: "default", LocalASN: 64512, RemoteASN: 64513, PeerGroup: "K8S"}
	told, second := missing, missing
	told.LocalASN, told.RemoteASN, told.PeerGroup = 64511, 64514, "RACK2"
	second.Peer = addr("192.168.4.33")
	sixth, anywhere := missing, missing
	sixth.Peer, sixth.PeerGroup = addr("2001:db8:3::33"), "K8S-6"
	anywhere.Peer, anywhere.VRF, anywhere.RemoteASN, anywhere.PeerGroup = addr("192.168.7.33"), "blue", 64515, "RACK7"
	tests := map[string]struct {
		change func(*fix.Question)
		reason verdict.Reason
		lacks  bool
		want   routerclient.Missing
	}{
		"missing, in the siblings' style": {func(*fix.Question) {}, verdict.ReasonNeighborNotConfigured, true, missing},
		"missing, as a person says": {
			func(q *fix.Question) { q.LocalASN, q.RemoteASN, q.PeerGroup = 64511, 64514, "RACK2" }, verdict.ReasonNeighborNotConfigured, true, told,
		},
		"missing, by its second address": {
			func(q *fix.Question) { q.Neighbor = addr("192.168.4.33") }, verdict.ReasonNeighborNotConfigured, true, second,
		},
		"missing, of another family than most": {
			func(q *fix.Question) { q.Neighbor = addr("2001:db8:3::33") }, verdict.ReasonNeighborNotConfigured, true, sixth,
		},
		"missing, in any VRF": {
			func(q *fix.Question) {
				q.VRF, q.IsNode, q.Node.Addresses = "*", ofRack7, []netip.Addr{addr("192.168.7.33")}
			}, verdict.ReasonNeighborNotConfigured, true, anywhere,
		},
		"down":           {func(q *fix.Question) { q.Node.Addresses[0] = addr("192.168.3.32") }, verdict.ReasonSessionDown, false, missing},
		"up":             {func(q *fix.Question) { q.Node.Addresses[0] = addr("192.168.3.31") }, verdict.ReasonSessionEstablished, false, missing},
		"in a range":     {func(q *fix.Question) { q.Node.Addresses[0] = addr("192.168.9.33") }, verdict.ReasonNotConnected, false, missing},
		"up in any VRF":  {func(q *fix.Question) { q.VRF = "*" }, verdict.ReasonSessionEstablished, false, missing},
		"has no address": {func(q *fix.Question) { q.Node.Addresses = nil }, verdict.ReasonNoAddress, false, missing},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q := fix.Question{
				Router: "edge", Platform: "FRR", VRF: "default", IsNode: isNode,
				Node: verdict.Node{Addresses: []netip.Addr{addr("192.168.3.33"), addr("192.168.4.33")}},
			}
			test.change(&q)
			got := fix.Find(snapshot, q, time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC))
			if got.Answer.Reason != test.reason || got.Lacks != test.lacks {
				t.Errorf("reason %s, lacks %t; want %s, %t", got.Answer.Reason, got.Lacks, test.reason, test.lacks)
			}
			if !test.lacks {
				return
			}
			if diff := cmp.Diff(test.want, got.Missing, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
			if len(got.Answer.Remedy.Lines) == 0 {
				t.Error("no remedy")
			}
		})
	}
}
