package lab_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/peergate/peergate/e2e/lab"
)

const (
	routerASN = 64512
	nodeASN   = 64513
	// patience is how long any one change may take; sessions with the lab's timers come up and go in seconds, on a machine
	// that is not busy.
	patience = 30 * time.Second
)

var (
	leviathan2 = netip.MustParseAddr("192.168.3.32")
	leviathan3 = netip.MustParseAddr("192.168.3.33")
)

// remedy is what a person types on an FRR router that lacks leviathan3.
var remedy = []string{"configure terminal", "router bgp 64512", "neighbor 192.168.3.33 remote-as 64513", "end"}

func prefixes(ps ...string) []netip.Prefix {
	var parsed []netip.Prefix
	for _, p := range ps {
		parsed = append(parsed, netip.MustParsePrefix(p))
	}
	return parsed
}

// newEdge makes a router with leviathan2, alone, as its neighbor.
func newEdge(l *lab.Lab) *lab.Router {
	return l.NewRouter(lab.Spec{
		Name:   "edge",
		Addrs:  prefixes("192.168.3.1/24"),
		Daemon: lab.FRR{},
		BGP: lab.BGP{Instances: []lab.Instance{{
			ASN:       routerASN,
			RouterID:  netip.MustParseAddr("192.168.3.1"),
			Neighbors: []lab.Neighbor{{Addr: leviathan2, RemoteASN: nodeASN}},
		}}},
	})
}

// startNode makes a node whose speaker is up and tries to reach the router.
func startNode(t *testing.T, l *lab.Lab, name string, addr netip.Addr, router *lab.Router) *lab.Node {
	t.Helper()
	n := l.NewNode(lab.Spec{
		Name:   name,
		Addrs:  []netip.Prefix{netip.PrefixFrom(addr, 24)},
		Daemon: lab.FRR{},
		BGP:    lab.PeerWith(nodeASN, router),
	})
	check(t, n.StartSpeaker(deadline(t)))
	return n
}

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSessionFollowsTheSpeaker(t *testing.T) {
	l := lab.New(t)
	edge := newEdge(l)
	node := startNode(t, l, "leviathan2", leviathan2, edge)
	check(t, edge.WaitEstablished(deadline(t), leviathan2))
	check(t, node.StopSpeaker(deadline(t)))
	check(t, edge.WaitDown(deadline(t), leviathan2))
	check(t, node.StartSpeaker(deadline(t)))
	check(t, edge.WaitEstablished(deadline(t), leviathan2))
}

func TestRemedyBringsTheSessionUp(t *testing.T) {
	l := lab.New(t)
	edge := newEdge(l)
	startNode(t, l, "leviathan2", leviathan2, edge)
	startNode(t, l, "leviathan3", leviathan3, edge)
	check(t, edge.WaitEstablished(deadline(t), leviathan2))

	got, err := edge.Sessions(deadline(t))
	check(t, err)
	want := []lab.Session{{VRF: "default", Peer: leviathan2, State: "Established"}}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Fatalf("sessions before the remedy (-want +got):\n%s", diff)
	}

	_, err = edge.Type(deadline(t), remedy...)
	check(t, err)
	check(t, edge.WaitEstablished(deadline(t), leviathan3))
}

func TestTypeReturnsTheRoutersRefusal(t *testing.T) {
	edge := newEdge(lab.New(t))
	_, err := edge.Type(deadline(t), "configure terminal", "router bgp 64512", "neighbour 192.168.3.33 remote-as 64513")
	if err == nil || !strings.Contains(err.Error(), "Unknown command") {
		t.Errorf("got %v, want the router's refusal", err)
	}
}

func TestAdminShutdown(t *testing.T) {
	l := lab.New(t)
	edge := newEdge(l)
	startNode(t, l, "leviathan2", leviathan2, edge)
	check(t, edge.WaitEstablished(deadline(t), leviathan2))
	check(t, edge.AdminShutdown(deadline(t), leviathan2))
	check(t, edge.WaitSession(deadline(t), leviathan2, func(s lab.Session) bool { return s.AdminDown && s.State == "Idle" }))
	check(t, edge.AdminEnable(deadline(t), leviathan2))
	check(t, edge.WaitEstablished(deadline(t), leviathan2))
}

func TestKillBGPDAndRestart(t *testing.T) {
	l := lab.New(t)
	edge := newEdge(l)
	startNode(t, l, "leviathan2", leviathan2, edge)
	check(t, edge.WaitEstablished(deadline(t), leviathan2))
	check(t, edge.KillBGPD(deadline(t)))
	if _, err := edge.Sessions(deadline(t)); err == nil || !strings.Contains(err.Error(), "bgpd is not running") {
		t.Errorf("sessions of a router without bgpd: got error %v", err)
	}
	check(t, edge.Restart(deadline(t)))
	check(t, edge.WaitEstablished(deadline(t), leviathan2))
}

func TestRestartKeepsWhatWasSaved(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"typed":           {remedy, ""},
		"typed and saved": {append(slices.Clip(remedy), "write memory"), "Established"},
	} {
		t.Run(name, func(t *testing.T) {
			l := lab.New(t)
			edge := newEdge(l)
			startNode(t, l, "leviathan3", leviathan3, edge)
			_, err := edge.Type(deadline(t), c.lines...)
			check(t, err)
			check(t, edge.WaitEstablished(deadline(t), leviathan3))
			check(t, edge.Restart(deadline(t)))
			check(t, edge.WaitSession(deadline(t), leviathan3, func(s lab.Session) bool { return s.State == c.want }))
		})
	}
}

// TestConfigurations brings up a session over each way of configuring a neighbor.
func TestConfigurations(t *testing.T) {
	v6 := netip.MustParseAddr("fd00:3::33")
	for name, c := range map[string]struct {
		peer     netip.Addr
		instance lab.Instance
	}{
		"listen range": {leviathan3, lab.Instance{
			PeerGroups: []lab.PeerGroup{{Name: "K8S", RemoteASN: nodeASN, ListenRanges: prefixes("192.168.3.0/24")}},
		}},
		"peer group, explicit activation": {leviathan3, lab.Instance{
			ActivateExplicitly: true,
			PeerGroups:         []lab.PeerGroup{{Name: "K8S", RemoteASN: nodeASN}},
			Neighbors:          []lab.Neighbor{{Addr: leviathan3, PeerGroup: "K8S"}},
		}},
		"IPv6": {v6, lab.Instance{Neighbors: []lab.Neighbor{{Addr: v6, RemoteASN: nodeASN}}}},
	} {
		t.Run(name, func(t *testing.T) {
			l := lab.New(t)
			c.instance.ASN = routerASN
			addrs := prefixes("192.168.3.1/24", "fd00:3::1/64")
			if c.peer.Is6() {
				addrs = prefixes("fd00:3::1/64", "192.168.3.1/24")
			}
			edge := l.NewRouter(lab.Spec{
				Name: "edge", Addrs: addrs, Daemon: lab.FRR{}, BGP: lab.BGP{Instances: []lab.Instance{c.instance}},
			})
			node := l.NewNode(lab.Spec{
				Name:   "leviathan3",
				Addrs:  prefixes("192.168.3.33/24", "fd00:3::33/64"),
				Daemon: lab.FRR{},
				BGP:    lab.PeerWith(nodeASN, edge),
			})
			check(t, node.StartSpeaker(deadline(t)))
			check(t, edge.WaitEstablished(deadline(t), c.peer))
		})
	}
}

// TestVRF lists a neighbor in a VRF that the kernel does not have.
func TestVRF(t *testing.T) {
	peer := netip.MustParseAddr("10.9.9.9")
	edge := lab.New(t).NewRouter(lab.Spec{
		Name:   "edge",
		Addrs:  prefixes("192.168.3.1/24"),
		Daemon: lab.FRR{},
		BGP: lab.BGP{Instances: []lab.Instance{
			{ASN: routerASN},
			{ASN: routerASN, VRF: "red", Neighbors: []lab.Neighbor{{Addr: peer, RemoteASN: nodeASN}}},
		}},
	})
	got, err := edge.Sessions(deadline(t))
	check(t, err)
	want := []lab.Session{{VRF: "red", Peer: peer, State: "Idle"}}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
}

func TestWaitEstablishedSaysWhatItSaw(t *testing.T) {
	edge := newEdge(lab.New(t))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := edge.WaitEstablished(ctx, leviathan3)
	want := "waiting for session 192.168.3.33 on router edge: context deadline exceeded: last seen no such neighbor"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestLabsAreApart runs two labs with the same names and addresses.
func TestLabsAreApart(t *testing.T) {
	l1, l2 := lab.New(t), lab.New(t)
	edge1, edge2 := newEdge(l1), newEdge(l2)
	startNode(t, l2, "leviathan2", leviathan2, edge2)
	check(t, edge2.WaitEstablished(deadline(t), leviathan2))
	sessions, err := edge1.Sessions(deadline(t))
	check(t, err)
	if sessions[0].State == "Established" {
		t.Error("a node of one lab has a session in another")
	}
	if edge1.SSH().Addr == edge2.SSH().Addr {
		t.Errorf("two routers share the management address %s", edge1.SSH().Addr)
	}
}
