package bgp

import (
	"context"
	"fmt"
	"net/netip"

	api "github.com/osrg/gobgp/v4/api"
	"github.com/osrg/gobgp/v4/pkg/apiutil"
	gobgp "github.com/osrg/gobgp/v4/pkg/packet/bgp"
)

// minRetry is the shortest time between two attempts to connect that GoBGP accepts, in seconds.
const minRetry = 2

// Node is a speaker that dials a router, again and again until the router has it as a neighbor.
type Node struct{ speaker }

// DialNode starts a node's speaker, which dials the router from addr, an IPv4 address.
func DialNode(ctx context.Context, addr netip.Addr, asn uint32, router *Router) (*Node, error) {
	s, err := startSpeaker(ctx, addr, noListener, asn)
	if err != nil {
		return nil, fmt.Errorf("starting BGP speaker %s: %w", addr, err)
	}
	err = s.addPeer(ctx, &api.Peer{
		Conf:      &api.PeerConf{NeighborAddress: router.Addr().String(), PeerAsn: router.ASN()},
		Transport: &api.Transport{LocalAddress: addr.String(), RemotePort: uint32(router.Port())},
		Timers:    &api.Timers{Config: &api.TimersConfig{ConnectRetry: minRetry, IdleHoldTimeAfterReset: minRetry}},
	})
	if err != nil {
		s.Stop()
		return nil, err
	}
	return &Node{speaker: s}, nil
}

// Announce tells the router that the node takes packets for prefix, as a load balancer's speaker does for the address
// of a Service.
func (n *Node) Announce(prefix netip.Prefix) error {
	nlri, err := gobgp.NewIPAddrPrefix(prefix)
	if err != nil {
		return fmt.Errorf("announcing %s from %s: %w", prefix, n.addr, err)
	}
	nextHop, err := gobgp.NewPathAttributeNextHop(n.addr)
	if err != nil {
		return fmt.Errorf("announcing %s from %s: %w", prefix, n.addr, err)
	}
	_, err = n.server.AddPath(apiutil.AddPathRequest{Paths: []*apiutil.Path{{
		Family: gobgp.RF_IPv4_UC,
		Nlri:   nlri,
		Attrs:  []gobgp.PathAttributeInterface{gobgp.NewPathAttributeOrigin(0), nextHop},
	}}})
	if err != nil {
		return fmt.Errorf("announcing %s from %s: %w", prefix, n.addr, err)
	}
	return nil
}
