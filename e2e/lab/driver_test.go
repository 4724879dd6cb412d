package lab_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/frr"
)

// TestDriverReadsTheRouter asks a live router the way Peergate does: the driver's own commands, through sshd and the
// forced command.
func TestDriverReadsTheRouter(t *testing.T) {
	l := lab.New(t)
	shut := netip.MustParseAddr("192.168.3.34")
	edge := l.NewRouter(lab.Spec{
		Name:   "edge",
		Addrs:  prefixes("192.168.3.1/24"),
		Daemon: lab.FRR{},
		BGP: lab.BGP{Instances: []lab.Instance{{
			ASN:      routerASN,
			RouterID: netip.MustParseAddr("192.168.3.1"),
			PeerGroups: []lab.PeerGroup{
				{Name: "DYN", RemoteASN: nodeASN, ListenRanges: prefixes("192.168.3.32/31")},
			},
			Neighbors: []lab.Neighbor{
				{Addr: leviathan2, RemoteASN: nodeASN},
				{Addr: shut, RemoteASN: nodeASN, Shutdown: true},
			},
		}}},
	})
	startNode(t, l, "leviathan2", leviathan2, edge)
	startNode(t, l, "leviathan3", leviathan3, edge)
	check(t, edge.WaitEstablished(deadline(t), leviathan2))
	check(t, edge.WaitEstablished(deadline(t), leviathan3))

	got, err := frr.New(newRunner(t, edge.SSH()), frr.Options{}).Snapshot(deadline(t))
	check(t, err)
	neighbor := routerclient.Session{
		VRF:       routerclient.DefaultVRF,
		RemoteASN: nodeASN,
		LocalASN:  routerASN,
		Families:  []routerclient.Family{{AFI: routerclient.IPv4}},
	}
	up, dynamic, admin := neighbor, neighbor, neighbor
	up.Peer, up.State = leviathan2, routerclient.Established
	dynamic.Peer, dynamic.State, dynamic.Dynamic, dynamic.PeerGroup = leviathan3, routerclient.Established, true, "DYN"
	admin.Peer, admin.State, admin.AdminDown = shut, routerclient.Idle, true
	want := &routerclient.Snapshot{
		RouterID:     netip.MustParseAddr("192.168.3.1"),
		LocalASN:     routerASN,
		Sessions:     []routerclient.Session{up, dynamic, admin},
		ListenRanges: []routerclient.ListenRange{{VRF: routerclient.DefaultVRF, Prefix: prefixes("192.168.3.32/31")[0], PeerGroup: "DYN"}},
	}
	if diff := cmp.Diff(want, got, compareSnapshots); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
}

// compareSnapshots leaves out what differs from run to run, and what only the details of a session show.
var compareSnapshots = cmp.Options{
	cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}),
	cmpopts.SortSlices(func(a, b routerclient.Session) bool { return a.Peer.Less(b.Peer) }),
	cmpopts.IgnoreFields(routerclient.Session{}, "Uptime", "Detail", "PeerRouterID"),
	cmpopts.EquateEmpty(),
}

func TestDriverSaysThatBGPDIsNotRunning(t *testing.T) {
	edge := newEdge(lab.New(t))
	check(t, edge.KillBGPD(deadline(t)))
	_, err := frr.New(newRunner(t, edge.SSH()), frr.Options{}).Snapshot(deadline(t))
	if err == nil || routerclient.ReasonOf(err) != routerclient.ReasonBGPNotRunning {
		t.Errorf("got %v, want reason %s", err, routerclient.ReasonBGPNotRunning)
	}
}

// TestDriverReadsTheReason starts a node in another AS than the router expects. The node accepts connections, because
// FRR forgets why it refused an OPEN that came over one it had not opened itself.
func TestDriverReadsTheReason(t *testing.T) {
	l := lab.New(t)
	edge := newEdge(l)
	bgp := lab.PeerWith(nodeASN+1, edge)
	bgp.ActiveOnly = false
	node := l.NewNode(lab.Spec{Name: "leviathan2", Addrs: prefixes("192.168.3.32/24"), Daemon: lab.FRR{}, BGP: bgp})
	check(t, node.StartSpeaker(deadline(t)))
	router := frr.New(newRunner(t, edge.SSH()), frr.Options{})
	eventually(t, func() error {
		got, err := router.Snapshot(deadline(t))
		if err != nil {
			return err
		}
		if detail := got.Sessions[0].Detail; !strings.Contains(detail, "Bad Peer AS") {
			return fmt.Errorf("reason of a session that is down: got %q", detail)
		}
		return nil
	})
}
