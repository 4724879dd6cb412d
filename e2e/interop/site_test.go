package interop_test

import (
	"context"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/sshexec"
)

const (
	routerASN = 64512
	nodeASN   = 64513
	password  = "shared-secret"
	// patience is how long a session may take to come up: GoBGP waits up to ten seconds before it connects, and
	// OpenBGPD half a minute after an error.
	patience = time.Minute
	// interval is how often a router is asked for what has not happened yet.
	interval = 200 * time.Millisecond
)

// TestMain lets all sites live at once, on however few processors: they spend their time waiting for timers of BGP's.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// site is a router, read by its driver, and the nodes that peer with it.
type site struct {
	*lab.Router
	lab    *lab.Lab
	client routerclient.Client
}

func newSite(t *testing.T, r router, bgp lab.Instance) *site {
	t.Helper()
	bgp.ASN, bgp.RouterID = routerASN, addr(1)
	l := lab.New(t)
	edge := l.NewRouter(lab.Spec{
		Name: "edge", Addrs: addrs(addr(1)), Daemon: r.daemon, Release: r.release, BGP: lab.BGP{Instances: []lab.Instance{bgp}},
	})
	return &site{Router: edge, lab: l, client: r.client(login(t, edge))}
}

func login(t *testing.T, edge *lab.Router) *sshexec.Runner {
	t.Helper()
	ssh := edge.SSH()
	runner, err := sshexec.New(sshexec.Config{
		Address: ssh.Addr.String(), Username: ssh.User, PrivateKey: ssh.PrivateKey, KnownHosts: ssh.KnownHosts,
	})
	check(t, err)
	t.Cleanup(func() { check(t, runner.Close()) })
	return runner
}

// speaker is what is out of the ordinary with a node.
type speaker struct {
	daemon   lab.Daemon
	asn      uint32
	password string
	accepts  bool
	networks []netip.Prefix
}

// startNode starts a node that opens a session to the router over the address family of its own address.
func (s *site) startNode(t *testing.T, at netip.Addr, is speaker) {
	t.Helper()
	if is.daemon == nil {
		is.daemon = lab.FRR{}
	}
	if is.asn == 0 {
		is.asn = nodeASN
	}
	to := addr(1)
	if at.Is6() {
		to = addr6(1)
	}
	node := s.lab.NewNode(lab.Spec{
		Name:   "node" + fmt.Sprint(at.As16()[15]),
		Addrs:  addrs(at),
		Daemon: is.daemon,
		BGP: lab.BGP{
			ActiveOnly: !is.accepts,
			Instances: []lab.Instance{{
				ASN:       is.asn,
				RouterID:  addr(at.As16()[15]),
				Neighbors: []lab.Neighbor{{Addr: to, RemoteASN: routerASN, Password: is.password}},
				Networks:  is.networks,
			}},
		},
	})
	check(t, node.StartSpeaker(t.Context()))
}

// addr and addr6 are a host's addresses on the site's network.
func addr(n byte) netip.Addr { return netip.AddrFrom4([4]byte{192, 168, 3, n}) }

func addr6(n byte) netip.Addr {
	return netip.AddrFrom16([16]byte{0: 0xfd, 3: 3, 15: n})
}

// addrs are both addresses of a host, the given one first.
func addrs(first netip.Addr) []netip.Prefix {
	n := first.As16()[15]
	v4, v6 := netip.PrefixFrom(addr(n), 24), netip.PrefixFrom(addr6(n), 64)
	if first.Is6() {
		return []netip.Prefix{v6, v4}
	}
	return []netip.Prefix{v4, v6}
}

// await asks the router until its answer is the expected one.
func (s *site) await(t *testing.T, expected func(*routerclient.Snapshot, error) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		unmet := expected(s.client.Snapshot(ctx))
		if unmet == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal(unmet)
		case <-ticker.C:
		}
	}
}

// awaitSession asks until the session with peer is there, and as expected.
func (s *site) awaitSession(t *testing.T, peer netip.Addr, expected func(routerclient.Session) bool) routerclient.Session {
	t.Helper()
	var found routerclient.Session
	s.await(t, func(snapshot *routerclient.Snapshot, err error) error {
		if err != nil {
			return err
		}
		session, there := sessionOf(snapshot, peer)
		if !there {
			return fmt.Errorf("no session with %s", peer)
		}
		if !expected(session) {
			return fmt.Errorf("session %+v", session)
		}
		found = session
		return nil
	})
	return found
}

func (s *site) snapshot(t *testing.T) *routerclient.Snapshot {
	t.Helper()
	snapshot, err := s.client.Snapshot(t.Context())
	check(t, err)
	return snapshot
}

func sessionOf(s *routerclient.Snapshot, peer netip.Addr) (routerclient.Session, bool) {
	for _, session := range s.Sessions {
		if session.Peer == peer {
			return session, true
		}
	}
	return routerclient.Session{}, false
}

func established(s routerclient.Session) bool { return s.State == routerclient.Established }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
