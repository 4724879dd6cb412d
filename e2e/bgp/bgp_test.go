package bgp

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/util/wait"
)

const asn = 64512

var (
	routerAddr = netip.MustParseAddr("127.0.4.1")
	known      = netip.MustParseAddr("127.0.4.31")
	forgotten  = netip.MustParseAddr("127.0.4.33")
	service    = netip.MustParsePrefix("192.168.30.1/32")
)

// start starts a router that has the neighbor known, and the speakers of both nodes, which announce the same Service.
func start(ctx context.Context, t *testing.T) *Router {
	t.Helper()
	router, err := ListenRouter(ctx, routerAddr, asn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(router.Stop)
	if err := router.AddNeighbor(ctx, known, asn); err != nil {
		t.Fatal(err)
	}
	for _, addr := range []netip.Addr{known, forgotten} {
		node, err := DialNode(ctx, addr, asn, router)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(node.Stop)
		if err := node.Announce(service); err != nil {
			t.Fatal(err)
		}
	}
	return router
}

func TestRouterRefusesANodeUntilItIsANeighbor(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	router := start(ctx, t)

	if err := router.WaitEstablished(ctx, known); err != nil {
		t.Fatal(err)
	}
	waitForNextHops(ctx, t, router, known)
	neighbors, err := router.Neighbors(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := []Neighbor{{Addr: known, ASN: asn, State: Established, PrefixesReceived: 1}}
	counters := cmpopts.IgnoreFields(Neighbor{}, "EstablishedAt", "MessagesReceived", "MessagesSent")
	if diff := cmp.Diff(want, neighbors, counters, addrs); diff != "" {
		t.Errorf("neighbors (-want +got):\n%s", diff)
	}
	if age := time.Since(neighbors[0].EstablishedAt); age < 0 || age > 30*time.Second {
		t.Errorf("the session came up %s ago, want a moment", age)
	}

	if err := router.AddNeighbor(ctx, forgotten, asn); err != nil {
		t.Fatal(err)
	}
	if err := router.WaitEstablished(ctx, forgotten); err != nil {
		t.Fatal(err)
	}
	waitForNextHops(ctx, t, router, known, forgotten)
}

func TestWaitEstablishedSaysWhatItLastSaw(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	router := start(ctx, t)
	soon, stop := context.WithTimeout(ctx, 10*time.Millisecond)
	defer stop()
	const want = "waiting for the session of 127.0.4.1 with 127.0.4.33, which is not configured: context deadline exceeded"
	if err := router.WaitEstablished(soon, forgotten); err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func waitForNextHops(ctx context.Context, t *testing.T, router *Router, nextHops ...netip.Addr) {
	t.Helper()
	want := []Route{{Prefix: service}}
	for _, addr := range nextHops {
		want[0].NextHops = append(want[0].NextHops, NextHop{Addr: addr})
	}
	learnedAt := cmpopts.IgnoreFields(NextHop{}, "LearnedAt")
	var got []Route
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(context.Context) (done bool, err error) {
		got, err = router.Routes()
		return cmp.Equal(want, got, addrs, learnedAt), err
	})
	if err != nil {
		t.Fatalf("waiting for the route: %v; routes (-want +got):\n%s", err, cmp.Diff(want, got, addrs, learnedAt))
	}
}

var addrs = cmp.Options{cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})}
