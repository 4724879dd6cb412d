package bmpstation_test

import (
	"net"
	"testing"
	"time"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/bmp"
	"github.com/peergate/peergate/internal/bmpstation"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

// answered records an answer of a router just before now, in which the session of peerAddr is in the state.
func (r *running) answered(router string, state routerclient.State) {
	now := time.Now()
	r.table.Record(router, sessiontable.Answer{
		Snapshot: &routerclient.Snapshot{Sessions: []routerclient.Session{{VRF: routerclient.DefaultVRF, Peer: peerAddr, State: state}}},
		VRF:      routerclient.DefaultVRF, AskedAt: now, AnsweredAt: now, StaleAfter: time.Hour,
	})
}

// TestSaidAlready: a neighbor that does not come up is told of at each attempt, for ever. It is no reason to ask.
func TestSaidAlready(t *testing.T) {
	r := start(t, router("edge"))
	r.answered("edge", routerclient.Active)
	conn := r.dial()
	r.send(conn, initiation, down(bmp.DownLocalFSM))
	for _, what := range []string{"expected", "connected", "telling"} {
		select {
		case <-r.news:
		case <-time.After(patience):
			t.Fatalf("not told that it is %s", what)
		}
	}
	if state, _ := r.streams.State("edge"); !state.Telling || !state.HeardAt.IsZero() {
		t.Errorf("telling %t, to be asked since %s", state.Telling, state.HeardAt)
	}
	for range 3 {
		r.send(conn, down(bmp.DownLocalFSM))
	}
	r.send(conn, up(bmp.GlobalInstance, ""), message(bmp.TypeTermination))
	r.eventuallyState("edge", "the end", func(s bmpstation.State) bool { return s.Reason == v1alpha1.ReasonBMPTerminated })
	if news := len(r.news); news < 1 || news > 2 {
		t.Errorf("%d news of a session that came up and a stream that ended", news)
	}
	if got := r.says("edge"); got != verdict.Established {
		t.Errorf("the router says %s", got)
	}
}

// TestHeardOnly: the router is asked about what is not believed of it.
func TestHeardOnly(t *testing.T) {
	ofNobody := peer(bmp.GlobalInstance)
	copy(ofNobody[22:], make([]byte, 4))
	for name, stream := range map[string][]byte{
		"a VRF without a name":        up(bmp.RDInstance, ""),
		"a type to come":              up(4, ""),
		"nobody":                      message(bmp.TypePeerDown, append(ofNobody, byte(bmp.DownRemoteClosed))...),
		"a reason to come":            down(77),
		"a neighbor not monitored":    down(bmp.DownNotMonitored),
		"somebody known to be up":     down(bmp.DownRemoteClosed),
		"somebody who came up anew":   up(bmp.GlobalInstance, "red"),
		"an address without its flag": message(bmp.TypePeerDown, append(unflagged(), byte(bmp.DownRemoteClosed))...),
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, router("edge"))
			r.answered("edge", routerclient.Established)
			r.send(r.dial(), initiation, stream)
			r.eventuallyState("edge", "a reason to ask", func(s bmpstation.State) bool { return s.Connections == 1 && !s.HeardAt.IsZero() })
		})
	}
}

func unflagged() []byte {
	b := peer(bmp.GlobalInstance)
	b[10] = 0xfd
	return b
}

// TestToldNothing: a stream on which nothing was told ends without being missed. A router that connects again and again, to
// say nothing of use, is not asked as often.
func TestToldNothing(t *testing.T) {
	r := start(t, router("edge"))
	r.send(r.dial(), initiation, message(bmp.TypeTermination))
	r.eventuallyState("edge", "the end", func(s bmpstation.State) bool { return s.Reason == v1alpha1.ReasonBMPTerminated })
	if state, _ := r.streams.State("edge"); !state.HeardAt.IsZero() {
		t.Error("the router is to be asked again")
	}
}

// TestDamagedPeerUp: one whose end is not to be read may have had the name of another VRF there.
func TestDamagedPeerUp(t *testing.T) {
	r := start(t, router("edge"))
	damaged := up(bmp.GlobalInstance, "red")
	damaged[6+42+20+17] = 255 // the length of the first OPEN
	r.send(r.dial(), initiation, damaged, message(bmp.TypeTermination))
	r.eventuallyState("edge", "the end", func(s bmpstation.State) bool { return s.Reason == v1alpha1.ReasonBMPTerminated })
	if got := r.says("edge"); got != verdict.Unknown {
		t.Errorf("the router says %s", got)
	}
	if state, _ := r.streams.State("edge"); state.HeardAt.IsZero() {
		t.Error("no reason to ask")
	}
}

// TestTellsOnOneOfTwo: that a router once told of the sessions in its VRF says nothing of the stream that is left.
func TestTellsOnOneOfTwo(t *testing.T) {
	r := start(t, router("edge"))
	ofDefault, ofRed := r.dial(), r.dial()
	r.send(ofDefault, initiation, up(bmp.GlobalInstance, ""))
	r.send(ofRed, initiation, up(bmp.RDInstance, "red"))
	r.eventuallyState("edge", "two streams", func(s bmpstation.State) bool { return s.Connections == 2 && s.Telling })
	ofDefault.Close()
	r.eventuallyState("edge", "one that does not tell", func(s bmpstation.State) bool { return s.Connections == 1 && !s.Telling })
}

// TestChangedRouter: what was told belongs to the router that the BGPRouter was for.
func TestChangedRouter(t *testing.T) {
	edge := router("edge", behind("192.0.2.1", "default"))
	r := start(t, edge)
	r.send(r.dial(), initiation, up(bmp.GlobalInstance, ""))
	eventually(t, "the session is up", func() bool { return r.says("edge") == verdict.Established })
	r.change(edge, func() { edge.Spec.Address = "192.0.2.2" })
	eventually(t, "nothing is known", func() bool { return r.says("edge") == verdict.Unknown })
	r.eventuallyState("edge", "the end of the stream", func(s bmpstation.State) bool { return s.Connections == 0 })
}

// TestUnchangedRouter: the other router of the same address has not changed.
func TestUnchangedRouter(t *testing.T) {
	red := router("red", func(s *v1alpha1.BGPRouterSpec) { s.VRF = "red" })
	r := start(t, router("edge"), red)
	r.answered("edge", routerclient.Established)
	r.send(r.dial(), initiation, down(bmp.DownRemoteClosed))
	eventually(t, "the session is down", func() bool { return r.says("edge") == verdict.NotEstablished })
	r.change(red, func() { red.Spec.VRF = "blue" })
	r.eventuallyState("edge", "the end of the stream", func(s bmpstation.State) bool { return s.Connections == 0 })
	if got := r.says("edge"); got != verdict.NotEstablished {
		t.Errorf("the router says %s", got)
	}
}

// TestStreamsOfManyVRFs: an address has as many streams as the BGPRouters it speaks for need, and no more.
func TestStreamsOfManyVRFs(t *testing.T) {
	const perRouter = 8
	r := start(t, router("edge"), router("red", func(s *v1alpha1.BGPRouterSpec) { s.VRF = "red" }))
	var conns []net.Conn
	open := func() {
		conns = append(conns, r.dial())
		r.send(conns[len(conns)-1], initiation)
	}
	for range 2 * perRouter {
		open()
	}
	r.eventuallyState("red", "all streams", func(s bmpstation.State) bool { return s.Connections == 2*perRouter })
	open()
	closedByStation(t, conns[0])
	r.eventuallyState("red", "no more streams", func(s bmpstation.State) bool { return s.Connections == 2*perRouter })
}
