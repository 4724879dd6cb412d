// Package bgp runs real BGP, GoBGP's, inside the process and on loopback, without root: a router that waits for its
// neighbors, and nodes that dial it as MetalLB's speakers do, each from an address of its own in 127.0.0.0/8.
//
//	edge, err := bgp.ListenRouter(ctx, netip.MustParseAddr("127.0.3.1"), 64512)
//	leviathan3, err := bgp.DialNode(ctx, netip.MustParseAddr("127.0.3.33"), 64512, edge)
//	err = edge.AddNeighbor(ctx, leviathan3.Addr(), 64512) // until then the router closes the node's connections
//
// A node dials every two seconds at most, which is as often as GoBGP does.
package bgp
