package bmpstation_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/cache/informertest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllertest"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/bmp"
	"github.com/peergate/peergate/internal/bmpstation"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

// patience is how long a test waits for what must come true.
const patience = 10 * time.Second

var peerAddr = netip.MustParseAddr("192.168.3.33")

// running is a station that listens on the loopback interface, from which the routers connect, too.
type running struct {
	t       *testing.T
	client  client.Client
	table   *sessiontable.Table
	streams *bmpstation.Streams
	address string
	changed *controllertest.FakeInformer
	// news gets the name of a router of which something was heard.
	news chan string
}

func start(t *testing.T, objects ...client.Object) *running {
	t.Helper()
	return startAt(t, freeAddress(t), objects...)
}

func startAt(t *testing.T, address string, objects ...client.Object) *running {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	informers := &informertest.FakeInformers{Scheme: scheme}
	changed, err := informers.FakeInformerFor(t.Context(), &v1alpha1.BGPRouter{})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{
		t: t, client: fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build(), table: sessiontable.New(),
		streams: bmpstation.NewStreams(), address: address, changed: changed, news: make(chan string, 1000),
	}
	r.streams.OnChange(func(router string) { r.news <- router })
	station := &bmpstation.Station{
		Address: r.address, Client: r.client, Informers: informers, Namespace: "peergate-system",
		Table: r.table, Streams: r.streams, Clock: clock.RealClock{},
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- station.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Error("the station does not end")
		}
	})
	return r
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// router is one that may connect from the loopback interface.
func router(name string, change ...func(*v1alpha1.BGPRouterSpec)) *v1alpha1.BGPRouter {
	r := &v1alpha1.BGPRouter{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.BGPRouterSpec{
			Address: "127.0.0.1:2222", VRF: routerclient.DefaultVRF, BMP: &v1alpha1.BMPSpec{},
			Poll: v1alpha1.PollSpec{StaleAfter: metav1.Duration{Duration: 90 * time.Second}},
		},
	}
	for _, f := range change {
		f(&r.Spec)
	}
	return r
}

func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	ticker, timeout := time.NewTicker(5*time.Millisecond), time.After(patience)
	defer ticker.Stop()
	for !ask() {
		select {
		case <-ticker.C:
		case <-timeout:
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

func (r *running) dial() net.Conn {
	r.t.Helper()
	var conn net.Conn
	eventually(r.t, "a connection", func() (ok bool) {
		var err error
		conn, err = net.Dial("tcp", r.address)
		return err == nil
	})
	r.t.Cleanup(func() { conn.Close() })
	return conn
}

func (r *running) send(conn net.Conn, messages ...[]byte) {
	r.t.Helper()
	for _, m := range messages {
		if _, err := conn.Write(m); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *running) eventuallyState(router, what string, is func(bmpstation.State) bool) {
	r.t.Helper()
	eventually(r.t, what, func() bool {
		state, ok := r.streams.State(router)
		return ok && is(state)
	})
}

func (r *running) says(router string) verdict.Outcome {
	return verdict.Ask(r.table.Evidence(router, []netip.Addr{peerAddr}), verdict.Node{Addresses: []netip.Addr{peerAddr}}, time.Now()).Outcome
}

func message(kind bmp.Type, body ...byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte{3}, uint32(6+len(body)))
	return append(append(b, byte(kind)), body...)
}

var initiation = message(bmp.TypeInitiation, 0, 2, 0, 4, 'e', 'd', 'g', 'e')

func peer(kind bmp.PeerType) []byte {
	b := make([]byte, 42)
	b[0] = byte(kind)
	copy(b[22:], peerAddr.AsSlice())
	binary.BigEndian.PutUint32(b[26:], 64513)
	return b
}

// up has two dummies for OPENs, as FRR sends them, and the name of a VRF.
func up(kind bmp.PeerType, vrf string) []byte {
	dummy := append(append(make([]byte, 16), 0, 19), 1)
	body := append(peer(kind), make([]byte, 20)...)
	body = append(append(body, dummy...), dummy...)
	if vrf != "" {
		body = append(append(body, 0, 3, 0, byte(len(vrf))), vrf...)
	}
	return message(bmp.TypePeerUp, body...)
}

func down(reason bmp.DownReason) []byte {
	return message(bmp.TypePeerDown, append(peer(bmp.GlobalInstance), byte(reason))...)
}

func TestTold(t *testing.T) {
	r := start(t, router("edge"), router("elsewhere", func(s *v1alpha1.BGPRouterSpec) { s.Address = "192.0.2.1" }))
	conn := r.dial()
	r.send(conn, initiation, up(bmp.GlobalInstance, ""))
	eventually(t, "the session is up", func() bool { return r.says("edge") == verdict.Established })
	r.eventuallyState("edge", "a stream that tells", func(s bmpstation.State) bool {
		return s.Connections == 1 && s.Telling && s.From.String() == "127.0.0.1" && !s.HeardAt.IsZero()
	})
	if got := r.says("elsewhere"); got != verdict.Unknown {
		t.Errorf("the other router says %s", got)
	}
	since := r.table.Evidence("edge", []netip.Addr{peerAddr})
	if age := time.Since(since.AskedAt); age < bmpstation.MaxDelay || age > bmpstation.MaxDelay+patience {
		t.Errorf("taken to be %s old, want %s", age, bmpstation.MaxDelay)
	}

	before, _ := r.streams.State("edge")
	r.send(conn, message(bmp.TypeTermination, 0, 1, 0, 2, 0, 2))
	r.eventuallyState("edge", "the end of the stream", func(s bmpstation.State) bool {
		return s.Connections == 0 && !s.Telling && s.Reason == v1alpha1.ReasonBMPTerminated && s.HeardAt.After(before.HeardAt)
	})
	if got := r.says("edge"); got != verdict.Established {
		t.Errorf("after the end of the stream the router says %s: a stream that ends says nothing", got)
	}
}

func TestVRFs(t *testing.T) {
	tests := map[string]struct {
		spec string
		kind bmp.PeerType
		name string
		want bool
	}{
		"default, global":              {"default", bmp.GlobalInstance, "", true},
		"default, by RFC 9069":         {"default", bmp.GlobalInstance, "global", true},
		"default, by name":             {"default", bmp.GlobalInstance, "default", true},
		"default, but another":         {"default", bmp.RDInstance, "red", false},
		"default, but unnamed":         {"default", bmp.RDInstance, "", false},
		"red":                          {"red", bmp.RDInstance, "red", true},
		"red, said to be global":       {"red", bmp.GlobalInstance, "", false},
		"red, of a global instance":    {"red", bmp.GlobalInstance, "red", true},
		"any, unnamed":                 {sessiontable.AnyVRF, bmp.LocalInstance, "", true},
		"any, but it is the local RIB": {sessiontable.AnyVRF, bmp.LocRIB, "", false},
		"any, but of a type to come":   {sessiontable.AnyVRF, 4, "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := start(t, router("edge", func(s *v1alpha1.BGPRouterSpec) { s.VRF = test.spec }))
			r.send(r.dial(), initiation, up(test.kind, test.name), message(bmp.TypeTermination))
			r.eventuallyState("edge", "the end", func(s bmpstation.State) bool { return s.Reason == v1alpha1.ReasonBMPTerminated })
			if got := r.says("edge") == verdict.Established; got != test.want {
				t.Errorf("believed %t, want %t", got, test.want)
			}
		})
	}
}

// TestDown: the reason is the router's, and a peer that is only not monitored any more is not down.
func TestDown(t *testing.T) {
	for reason, want := range map[bmp.DownReason]verdict.Outcome{
		bmp.DownRemoteClosed: verdict.NotEstablished, bmp.DownNotMonitored: verdict.Established, 77: verdict.Established,
	} {
		t.Run(fmt.Sprint(reason), func(t *testing.T) {
			r := start(t, router("edge"))
			now := time.Now().Add(-time.Minute)
			r.table.Record("edge", sessiontable.Answer{
				Snapshot: &routerclient.Snapshot{Sessions: []routerclient.Session{
					{VRF: routerclient.DefaultVRF, Peer: peerAddr, State: routerclient.Established},
				}},
				VRF: routerclient.DefaultVRF, AskedAt: now, AnsweredAt: now, StaleAfter: time.Hour,
			})
			r.send(r.dial(), initiation, down(reason), message(bmp.TypeTermination))
			r.eventuallyState("edge", "the end", func(s bmpstation.State) bool { return s.Reason == v1alpha1.ReasonBMPTerminated })
			if got := r.says("edge"); got != want {
				t.Errorf("the router says %s, want %s", got, want)
			}
			if detail := r.table.Evidence("edge", []netip.Addr{peerAddr}).Sessions[0].Detail; want == verdict.NotEstablished && detail != "closed by the peer without a word" {
				t.Errorf("detail %q", detail)
			}
		})
	}
}

func TestEndings(t *testing.T) {
	tests := map[string]struct {
		stream []byte
		want   string
	}{
		"closed at once":    {nil, v1alpha1.ReasonBMPConnectionLost},
		"closed":            {initiation, v1alpha1.ReasonBMPConnectionLost},
		"nonsense":          {[]byte("GET / HTTP/1.0\r\n\r\n"), v1alpha1.ReasonBMPProtocolError},
		"length zero":       {append(slices.Clip(initiation), 3, 0, 0, 0, 0, 3), v1alpha1.ReasonBMPProtocolError},
		"half a message":    {append(slices.Clip(initiation), 3, 0, 0), v1alpha1.ReasonBMPProtocolError},
		"another beginning": {down(bmp.DownRemoteClosed), v1alpha1.ReasonBMPProtocolError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := start(t, router("edge"))
			conn := r.dial()
			r.send(conn, test.stream)
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			r.eventuallyState("edge", test.want, func(s bmpstation.State) bool { return s.Connections == 0 && s.Reason == test.want })
		})
	}
}

// TestFollowsTheRouters: the station listens while there is somebody to listen to, and for no longer.
func TestFollowsTheRouters(t *testing.T) {
	edge := router("edge")
	r := start(t, edge)
	r.send(r.dial(), initiation)
	r.eventuallyState("edge", "a stream", func(s bmpstation.State) bool { return s.Connections == 1 })

	r.change(edge, func() { edge.Spec.VRF = "red" })
	r.eventuallyState("edge", "the end of the stream, which was for another VRF", func(s bmpstation.State) bool { return s.Connections == 0 })

	r.change(edge, func() { edge.Spec.BMP = nil })
	eventually(t, "it listens no more", func() bool { return !r.listens() })
	if _, expected := r.streams.State("edge"); expected {
		t.Error("a stream is still expected")
	}

	r.change(edge, func() { edge.Spec.BMP = &v1alpha1.BMPSpec{} })
	eventually(t, "it listens again", r.listens)
}

func (r *running) change(router *v1alpha1.BGPRouter, edit func()) {
	r.t.Helper()
	edit()
	if err := r.client.Update(r.t.Context(), router); err != nil {
		r.t.Fatal(err)
	}
	r.changed.Update(router, router)
}

func (r *running) listens() bool {
	conn, err := net.Dial("tcp", r.address)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// TestNotListening: another program has the port.
func TestNotListening(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := startAt(t, l.Addr().String(), router("edge"))
	r.eventuallyState("edge", "not listening", func(s bmpstation.State) bool { return s.Reason == v1alpha1.ReasonBMPNotListening })
}

// TestTwoRoutersOfOneAddress are one for each VRF: both hear what is about them.
func TestTwoRoutersOfOneAddress(t *testing.T) {
	r := start(t, router("blue"), router("red", func(s *v1alpha1.BGPRouterSpec) { s.VRF = "red" }))
	r.send(r.dial(), initiation, up(bmp.RDInstance, "red"), message(bmp.TypeTermination))
	r.eventuallyState("red", "the end", func(s bmpstation.State) bool { return s.Reason == v1alpha1.ReasonBMPTerminated })
	got := []verdict.Outcome{r.says("blue"), r.says("red")}
	if diff := cmp.Diff([]verdict.Outcome{verdict.Unknown, verdict.Established}, got); diff != "" {
		t.Errorf("blue, red (-want +got):\n%s", diff)
	}
}
