package bmp_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/internal/bmp"
)

// sender speaks for a router from an address of this machine's loopback interface.
type sender struct {
	*story.Story
	from netip.Addr
}

var node = netip.MustParseAddr("192.168.7.31")

// newSender has a router without the node's session, which is asked when a node joins, and then never.
func newSender(t *testing.T, from string) *sender {
	t.Helper()
	s := &sender{Story: suite.New(t), from: netip.MustParseAddr(from)}
	s.Policy(closing)
	router := s.NewRouter()
	router.Set(node.String(), "Active")
	s.Declare(router, func(r *v1alpha1.BGPRouter, _ *corev1.Secret) {
		r.Spec.Poll = every(seldom, seldom)
		r.Spec.BMP = &v1alpha1.BMPSpec{SourceAddresses: []string{from}}
	})
	return s
}

// dial connects, once the station has taken notice of the BGPRouter.
func (s *sender) dial() net.Conn {
	s.Helper()
	var conn net.Conn
	s.Eventually("the station takes a connection", func(ctx context.Context) (err error) {
		dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(s.from, 0))}
		if conn, err = dialer.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port)); err != nil {
			return err
		}
		if !closed(conn, 100*time.Millisecond) {
			return nil
		}
		conn.Close()
		return errors.New("it is closed at once")
	})
	s.Cleanup(func() { conn.Close() })
	return conn
}

// closed tells whether the other side closes a connection within a time.
func closed(conn net.Conn, within time.Duration) bool {
	if err := conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		return true
	}
	_, err := conn.Read(make([]byte, 1))
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

func (s *sender) send(conn net.Conn, messages ...[]byte) {
	s.Helper()
	if _, err := conn.Write(bytes.Join(messages, nil)); err != nil {
		s.Fatal(err)
	}
}

// message is one with a header that is right about its length.
func message(kind bmp.Type, body ...byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte{3}, uint32(6+len(body)))
	return append(append(b, byte(kind)), body...)
}

var initiation = message(bmp.TypeInitiation, 0, 2, 0, 4, 'e', 'd', 'g', 'e')

func peer(of netip.Addr) []byte {
	b := make([]byte, 42)
	copy(b[22:], of.AsSlice())
	binary.BigEndian.PutUint32(b[26:], nodeASN)
	return b
}

func up(of netip.Addr) []byte {
	return message(bmp.TypePeerUp, append(peer(of), make([]byte, 20)...)...)
}
func down(of netip.Addr) []byte { return message(bmp.TypePeerDown, append(peer(of), 4)...) }

// TestNonsense sends everything but the protocol, and the protocol after it.
func TestNonsense(t *testing.T) {
	s := newSender(t, "127.0.7.1")
	s.Join("nonsense", node.String())
	s.EventuallySays("nonsense", corev1.ConditionFalse, "SessionDown")
	for name, stream := range map[string][]byte{
		"HTTP":               []byte("GET / HTTP/1.1\r\nHost: peergate\r\n\r\n"),
		"length zero":        {3, 0, 0, 0, 0, 4},
		"four gigabytes":     {3, 0xff, 0xff, 0xff, 0xff, 3},
		"no Initiation":      up(node),
		"zeros":              make([]byte, 1<<16),
		"nonsense, later":    append(bytes.Clone(initiation), "nonsense"...),
		"length zero, later": append(bytes.Clone(initiation), 3, 0, 0, 0, 0, 3),
	} {
		conn := s.dial()
		_, _ = conn.Write(stream) // the station may have closed it already
		if !closed(conn, story.Patience) {
			t.Errorf("%s: the connection stays open", name)
		}
	}
	if !story.Tainted(s.Node("nonsense")) {
		t.Error("the node was opened")
	}
	s.believed("nonsense")
}

// believed sends what is to be sent, and sees the node open.
func (s *sender) believed(node string) net.Conn {
	s.Helper()
	awaitKnown(s.Story, node)
	conn := s.dial()
	s.send(conn, initiation, up(addressOf(s, node)))
	s.EventuallyOpen(node)
	return conn
}

func addressOf(s *sender, name string) netip.Addr {
	s.Helper()
	addr, err := netip.ParseAddr(s.Node(name).Status.Addresses[0].Address)
	if err != nil {
		s.Fatal(err)
	}
	return addr
}

// TestHalfAMessage: whoever begins a message has to end it, and whoever connects has to begin.
func TestHalfAMessage(t *testing.T) {
	s := newSender(t, "127.0.7.2")
	s.Join("half", node.String())
	s.EventuallySays("half", corev1.ConditionFalse, "SessionDown")
	silent, half, slow, idle := s.dial(), s.dial(), s.dial(), s.dial()
	s.send(half, initiation, up(node)[:40])
	s.send(idle, initiation)
	s.send(slow, initiation)
	stop := make(chan struct{})
	defer close(stop)
	go drip(slow, up(node), stop)
	for name, conn := range map[string]net.Conn{"silent": silent, "half a message": half, "slow": slow} {
		if !closed(conn, story.Patience) {
			t.Errorf("%s: the connection stays open", name)
		}
	}
	if closed(idle, 100*time.Millisecond) {
		t.Error("a router that has nothing to tell was cut off")
	}
}

// drip sends a byte a second.
func drip(w io.Writer, b []byte, stop <-chan struct{}) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for i := range b {
		select {
		case <-stop:
			return
		case <-ticker.C:
			if _, err := w.Write(b[i : i+1]); err != nil {
				return
			}
		}
	}
}

// TestUnknownSender: an address that no BGPRouter names gets nothing read.
func TestUnknownSender(t *testing.T) {
	s := newSender(t, "127.0.7.3")
	s.Join("unknown", node.String())
	s.EventuallySays("unknown", corev1.ConditionFalse, "SessionDown")
	awaitKnown(s.Story, "unknown")
	s.dial().Close()

	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = conn.Write(append(bytes.Clone(initiation), up(node)...)) // the station may have closed it already
	if !closed(conn, story.Patience) {
		t.Error("the connection stays open")
	}
	if !story.Tainted(s.Node("unknown")) {
		t.Error("the node was opened")
	}
	s.believed("unknown")
}

// TestManyConnections: the newest stay.
func TestManyConnections(t *testing.T) {
	s := newSender(t, "127.0.7.4")
	s.Join("many", node.String())
	s.EventuallySays("many", corev1.ConditionFalse, "SessionDown")
	oldest := s.dial()
	s.send(oldest, initiation)
	for range 20 {
		s.send(s.dial(), initiation)
	}
	if !closed(oldest, story.Patience) {
		t.Error("the oldest of 21 connections stays open")
	}
	conn := s.believed("many")
	s.send(conn, down(node))
	s.EventuallySays("many", corev1.ConditionFalse, "SessionDown")
	conn.Close()
}

// TestAnotherLeader: the Service leads to whoever leads, and the next leader is told everything anew.
func TestAnotherLeader(t *testing.T) {
	s := newSender(t, "127.0.7.5")
	s.Join("another", node.String())
	s.EventuallySays("another", corev1.ConditionFalse, "SessionDown")
	old := s.believed("another")
	s.eventuallyLed()
	s.Delete(&discoveryv1.EndpointSlice{ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: "peergate-bmp"}})
	taintStays := s.TaintStays("another")
	for _, replica := range s.Peergate.Replicas() {
		if _, err := s.Peergate.StartReplica(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := replica.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if !closed(old, story.Patience) {
		t.Error("the connection to the leader before stays open")
	}
	s.eventuallyLed()
	s.send(s.dial(), initiation, up(node))
	eventuallyStreaming(s.Story, s.ID, metav1.ConditionTrue, v1alpha1.ReasonBMPStreaming)
	taintStays()
}

// eventuallyLed waits until the Service leads to a manager.
func (s *sender) eventuallyLed() {
	s.Helper()
	s.Eventually("the Service leads to the leader", func(ctx context.Context) error {
		var slice discoveryv1.EndpointSlice
		if err := s.Client.Get(ctx, client.ObjectKey{Namespace: install.Namespace, Name: "peergate-bmp"}, &slice); err != nil {
			return err
		}
		if len(slice.Endpoints) != 1 || slice.Endpoints[0].Addresses[0] != podIP || *slice.Endpoints[0].NodeName != nodeName ||
			*slice.Ports[0].Port != int32(port) || len(slice.OwnerReferences) != 1 {
			return fmt.Errorf("it has %+v, %+v", slice.Endpoints, slice.Ports)
		}
		return nil
	})
}
