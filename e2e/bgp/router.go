package bgp

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	api "github.com/osrg/gobgp/v4/api"
	"k8s.io/apimachinery/pkg/util/wait"
)

// pollInterval is how often a waiting caller's session is looked at.
const pollInterval = 20 * time.Millisecond

// Router is a speaker that waits for its neighbors. It closes the connections of everybody else.
type Router struct {
	speaker
	port uint16
}

// ListenRouter starts a router without neighbors on a free port of addr, an IPv4 address.
func ListenRouter(ctx context.Context, addr netip.Addr, asn uint32) (*Router, error) {
	port, err := freePort(addr)
	if err != nil {
		return nil, fmt.Errorf("starting BGP router %s: %w", addr, err)
	}
	s, err := startSpeaker(ctx, addr, int32(port), asn)
	if err != nil {
		return nil, fmt.Errorf("starting BGP router %s: %w", addr, err)
	}
	return &Router{speaker: s, port: port}, nil
}

// freePort finds a port for GoBGP, for which port 0 means not to listen.
func freePort(addr netip.Addr) (uint16, error) {
	listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, 0)))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).AddrPort().Port(), nil
}

// Port is where the router accepts sessions.
func (r *Router) Port() uint16 { return r.port }

// AddNeighbor configures a neighbor.
func (r *Router) AddNeighbor(ctx context.Context, addr netip.Addr, asn uint32) error {
	return r.addPeer(ctx, &api.Peer{
		Conf:      &api.PeerConf{NeighborAddress: addr.String(), PeerAsn: asn},
		Transport: &api.Transport{PassiveMode: true},
	})
}

// Neighbors are the router's configured neighbors as they are now, in order of address.
func (r *Router) Neighbors(ctx context.Context) ([]Neighbor, error) {
	var neighbors []Neighbor
	var invalid error
	err := r.server.ListPeer(ctx, &api.ListPeerRequest{}, func(peer *api.Peer) {
		neighbor, err := neighborOf(peer)
		neighbors, invalid = append(neighbors, neighbor), cmp.Or(invalid, err)
	})
	if err = cmp.Or(err, invalid); err != nil {
		return nil, fmt.Errorf("listing the neighbors of %s: %w", r.addr, err)
	}
	slices.SortFunc(neighbors, func(a, b Neighbor) int { return a.Addr.Compare(b.Addr) })
	return neighbors, nil
}

// WaitEstablished returns once the session with the neighbor is Established. If ctx ends first, the error tells what
// was last seen.
func (r *Router) WaitEstablished(ctx context.Context, addr netip.Addr) error {
	last := "not configured"
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		neighbors, err := r.Neighbors(ctx)
		for _, n := range neighbors {
			if n.Addr == addr {
				last = n.State
			}
		}
		return last == Established, err
	})
	if err != nil {
		return fmt.Errorf("waiting for the session of %s with %s, which is %s: %w", r.addr, addr, last, err)
	}
	return nil
}
