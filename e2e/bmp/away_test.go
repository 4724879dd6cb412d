package bmp_test

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/internal/bmp"
)

// TestNeighborStaysAway: FRR tells of each attempt at a session that fails, every second where the machine refuses it. That
// a node waits for its session is no reason to ask its router as often.
func TestNeighborStaysAway(t *testing.T) {
	r := newRack(t, "FRR", lab.FRR{BMP: true}, login)
	r.ChangeRouter(r.ID, func(spec *v1alpha1.BGPRouterSpec) { spec.Poll = every(seldom, 100*time.Millisecond) })
	r.connectFRR()
	r.Join("stays-away", leviathan2.String())
	r.EventuallySays("stays-away", corev1.ConditionFalse, "SessionDown")
	r.countQuestions()
	attempts := r.alsoTell()
	await := func(n int) {
		for range n {
			select {
			case <-attempts:
			case <-time.After(story.Patience):
				t.Fatal("the router does not tell of its attempts")
			}
		}
	}
	// It is asked about the beginning of the stream, and for the node that joins.
	await(3)
	before := r.questions()
	await(5)
	if asked := r.questions() - before; asked > 0 {
		t.Errorf("asked %d times in five attempts", asked)
	}
}

// countQuestions has the router keep count of what it is asked from now on.
func (r *rack) countQuestions() {
	r.Helper()
	const script = `touch /run/asked && chmod 666 /run/asked && sed -i '1a echo >>/run/asked' /etc/ssh/bgp-ro.sh`
	_, err := r.edge.Exec(r.deadline(), "sh", "-c", script)
	r.check(err)
}

func (r *rack) questions() (n int) {
	r.Helper()
	out, err := r.edge.Exec(r.deadline(), "sh", "-c", "wc -l </run/asked")
	r.check(err)
	_, err = fmt.Sscan(out, &n)
	r.check(err)
	return n
}

// alsoTell has the router tell the test, too, and returns the Peer Downs of the node.
func (r *rack) alsoTell() <-chan *bmp.PeerDown {
	r.Helper()
	listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(r.station().Addr(), 0)))
	r.check(err)
	r.Cleanup(func() { listener.Close() })
	r.typeIn("configure terminal", "router bgp 64512", "bmp targets test", fmt.Sprintf("bmp connect %s port %d min-retry 100 max-retry 1000",
		r.station().Addr(), listener.Addr().(*net.TCPAddr).Port))
	downs := make(chan *bmp.PeerDown, 100)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		r.Cleanup(func() { conn.Close() })
		for reader := bmp.NewReader(conn); ; {
			m, err := reader.Next()
			if err != nil {
				return
			}
			if down, ok := m.(*bmp.PeerDown); ok && down.Addr == leviathan2 {
				downs <- down
			}
		}
	}()
	return downs
}
