// Package lab gives Go tests real BGP routers and nodes: FRR, BIRD, OpenBGPD and GoBGP, OpenSSH and the kernel's own
// network stack, each host in namespaces of its own on one machine. It needs root on Linux and the Debian packages in
// packages.txt.
//
//	l := lab.New(t)
//	edge := l.NewRouter(lab.Spec{
//		Name:   "edge",
//		Addrs:  []netip.Prefix{netip.MustParsePrefix("192.168.3.1/24")},
//		Daemon: lab.FRR{},
//		BGP:    lab.BGP{Instances: []lab.Instance{{ASN: 64512}}},
//	})
//	node := l.NewNode(lab.Spec{
//		Name:   "leviathan3",
//		Addrs:  []netip.Prefix{netip.MustParsePrefix("192.168.3.33/24")},
//		Daemon: lab.FRR{},
//		BGP:    lab.PeerWith(64512, edge),
//	})
//
// Hosts are joined by a bridge that nothing outside the lab can see, so addresses may be those of the story being
// tested. Only a router's management address (see [Router.SSH]) is reachable from the machine itself, over a link of
// its own in 198.18.0.0/15, the range RFC 2544 keeps for benchmarks.
//
// Constructors fail the test by themselves. Everything else takes a context and returns an error. Nothing a lab starts
// outlives the test process, however that ends.
package lab
