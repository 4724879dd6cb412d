// Package recording_test records what live routers say over BMP, for the tests of package bmp.
package recording_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/internal/bmp"
)

// recordEnv, set to 1, makes the tests write the testdata of package bmp. Then run "go test ./internal/bmp -update", and
// read the difference.
const recordEnv = "PEERGATE_RECORD"

// recording is what a router sends on one connection.
type recording struct {
	listener net.Listener
	// awaited is how many messages were waited for.
	awaited int

	mu     sync.Mutex
	stream bytes.Buffer
}

// listen takes one connection on an address that a router can reach.
func listen(t *testing.T, at netip.Addr) *recording {
	t.Helper()
	listener, err := net.Listen("tcp", netip.AddrPortFrom(at, 0).String())
	if err != nil {
		t.Fatal(err)
	}
	r := &recording{listener: listener}
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = io.Copy(r, conn) // it ends when the router closes, or the test does
	}()
	return r
}

func (r *recording) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stream.Write(b)
}

func (r *recording) port() uint16 {
	return r.listener.Addr().(*net.TCPAddr).AddrPort().Port()
}

// messages are those that have come so far.
func (r *recording) messages() (all []bmp.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for reader := bmp.NewReader(bytes.NewReader(r.stream.Bytes())); ; {
		m, err := reader.Next()
		if err != nil {
			return all
		}
		all = append(all, m)
	}
}

// await waits for the next message of a kind about a peer, after those that were waited for before.
func await[M bmp.Message](ctx context.Context, t *testing.T, r *recording, peer func(M) netip.Addr, want netip.Addr) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		all := r.messages()
		for ; r.awaited < len(all); r.awaited++ {
			if m, ok := all[r.awaited].(M); ok && peer(m) == want {
				r.awaited++
				return
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("no message about %s; there are %s", want, describe(all))
		case <-ticker.C:
		}
	}
}

func describe(all []bmp.Message) (text string) {
	for _, m := range all {
		text += fmt.Sprintf("\n%T %+v", m, m)
	}
	return text
}

func upPeer(m *bmp.PeerUp) netip.Addr     { return m.Addr }
func downPeer(m *bmp.PeerDown) netip.Addr { return m.Addr }

func (r *recording) save(t *testing.T, name string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	path := filepath.Join("..", "..", "..", "internal", "bmp", "testdata", name+".bmp")
	check(t, os.MkdirAll(filepath.Dir(path), 0o755))
	check(t, os.WriteFile(path, r.stream.Bytes(), 0o600))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestFRR records one connection: the sessions there are, then one that comes up, is closed by its peer, comes up, is shut
// down on the router, and comes up.
func TestFRR(t *testing.T) {
	r := newRouter(t, lab.FRR{BMP: true})
	r.start(31, 64513)
	r.start(35, 64513)
	check(t, r.WaitEstablished(r.ctx, node(31)))
	check(t, r.WaitEstablished(r.ctx, six(35)))

	life := listen(t, stationAddr(r.Router))
	_, err := r.Type(r.ctx, "configure terminal", "router bgp 64512", "bmp targets peergate",
		fmt.Sprintf("bmp connect %s port %d min-retry 100 max-retry 1000", stationAddr(r.Router), life.port()))
	check(t, err)
	await(r.ctx, t, life, downPeer, node(34))
	r.live(t, life)
	life.save(t, "frr-8.4.4")
}

// TestGoBGP records the same of GoBGP, which tells of no session that is down when it connects.
func TestGoBGP(t *testing.T) {
	r := newRouter(t, lab.GoBGP{})
	r.start(31, 64513)
	check(t, r.WaitEstablished(r.ctx, node(31)))

	life := listen(t, stationAddr(r.Router))
	_, err := r.Type(r.ctx, fmt.Sprintf("gobgp bmp add %s:%d", stationAddr(r.Router), life.port()))
	check(t, err)
	await(r.ctx, t, life, upPeer, node(31))
	r.live(t, life)
	life.save(t, "gobgp-3.10")
}

// router is a router with neighbors of which only some are started, and one is shut down.
type router struct {
	*lab.Router
	t   *testing.T
	ctx context.Context
	lab *lab.Lab
}

func newRouter(t *testing.T, daemon lab.Daemon) *router {
	t.Helper()
	if os.Getenv(recordEnv) != "1" {
		t.Skip(recordEnv + " is not set to 1")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	l := lab.New(t)
	return &router{t: t, ctx: ctx, lab: l, Router: l.NewRouter(lab.Spec{
		Name: "edge", Addrs: []netip.Prefix{netip.PrefixFrom(node(1), 24), netip.PrefixFrom(six(1), 64)}, Daemon: daemon,
		BGP: lab.BGP{Instances: []lab.Instance{{
			ASN: 64512, RouterID: node(1),
			Neighbors: []lab.Neighbor{
				{Addr: node(31), RemoteASN: 64513}, {Addr: node(32), RemoteASN: 4200000001},
				{Addr: node(33), RemoteASN: 64513, Shutdown: true}, {Addr: node(34), RemoteASN: 64513}, {Addr: six(35), RemoteASN: 64513},
			},
		}}},
	})}
}

// start starts a node's speaker; that of node 35 is the one with IPv6.
func (r *router) start(n byte, asn uint32) *lab.Node {
	at, to := netip.PrefixFrom(node(n), 24), node(1)
	if n == 35 {
		at, to = netip.PrefixFrom(six(n), 64), six(1)
	}
	host := r.lab.NewNode(lab.Spec{
		Name: fmt.Sprintf("node%d", n), Addrs: []netip.Prefix{at}, Daemon: lab.FRR{},
		BGP: lab.BGP{ActiveOnly: true, Instances: []lab.Instance{{
			ASN: asn, RouterID: node(n), Neighbors: []lab.Neighbor{{Addr: to, RemoteASN: 64512}},
		}}},
	})
	check(r.t, host.StartSpeaker(r.ctx))
	return host
}

// live is what happens while the router is connected.
func (r *router) live(t *testing.T, life *recording) {
	t.Helper()
	n32 := r.start(32, 4200000001)
	await(r.ctx, t, life, upPeer, node(32))
	check(t, n32.StopSpeaker(r.ctx))
	await(r.ctx, t, life, downPeer, node(32))
	check(t, n32.StartSpeaker(r.ctx))
	await(r.ctx, t, life, upPeer, node(32))
	check(t, r.AdminShutdown(r.ctx, node(32)))
	await(r.ctx, t, life, downPeer, node(32))
	check(t, r.AdminEnable(r.ctx, node(32)))
	await(r.ctx, t, life, upPeer, node(32))
}

func node(n byte) netip.Addr { return netip.AddrFrom4([4]byte{192, 168, 3, n}) }

func six(n byte) netip.Addr { return netip.AddrFrom16([16]byte{0: 0xfd, 3: 3, 15: n}) }

// stationAddr is the machine's end of a router's link to it.
func stationAddr(r *lab.Router) netip.Addr { return r.SSH().Addr.Addr().Prev() }
