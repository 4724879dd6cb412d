package bmpstation

import (
	"net/netip"
	"sync"
	"time"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/metrics"
)

// Streams is which routers tell of their sessions by themselves. It is safe for concurrent use.
type Streams struct {
	mu       sync.Mutex
	routers  map[string]*teller
	onChange func(router string)
}

// teller is a router that is expected to tell.
type teller struct {
	State
	// told has the streams there are, and is true of those on which the router has told of a session that is believed.
	told map[*stream]bool
}

// State is what is known of a router's streams.
type State struct {
	// Connections is how many there are.
	Connections int
	// Telling is true once the router has told of a session in the VRF of its BGPRouter, on a stream that still is.
	Telling bool
	// HeardAt is when the router last told of something, in any VRF, that it had not said already, or a stream ended on which
	// it told: it is to be asked again since.
	HeardAt time.Time
	// Since is when there began to be a connection, or none; From is where the newest comes from.
	Since time.Time
	From  netip.Addr
	// Reason and Message are why there is none.
	Reason, Message string
}

// NewStreams returns an empty Streams.
func NewStreams() *Streams { return &Streams{routers: map[string]*teller{}} }

// OnChange sets the function that is told of each router that has told of something, or whose stream began or ended. It
// must not call the Streams.
func (s *Streams) OnChange(f func(router string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onChange = f
}

// State returns what is known of a router's streams. It is not ok if none is expected.
func (s *Streams) State(router string) (st State, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.routers[router]
	if !ok {
		return st, false
	}
	return t.State, true
}

// expect makes the routers those of which there may be streams. Each is expected, or is not to tell for a reason.
func (s *Streams) expect(routers map[string]end, now time.Time) {
	s.mu.Lock()
	var changed []string
	for router := range s.routers {
		if _, expected := routers[router]; !expected {
			delete(s.routers, router)
			metrics.ForgetBMP(router)
			changed = append(changed, router)
		}
	}
	for router, why := range routers {
		t, known := s.routers[router]
		if !known {
			t = &teller{State: State{Since: now}, told: map[*stream]bool{}}
			s.routers[router] = t
			metrics.BMPStreams(router, 0)
		}
		if t.expect(why) || !known {
			changed = append(changed, router)
		}
	}
	s.mu.Unlock()
	for _, router := range changed {
		s.notify(router)
	}
}

var notYet = end{v1alpha1.ReasonBMPNoConnection, "The router has not connected to this manager yet."}

// expect keeps why the router is not to tell, or that it may, and tells whether that is news.
func (t *teller) expect(why end) (news bool) {
	switch {
	case why != end{}:
		return t.explain(why)
	case t.Reason == "" || t.Reason == v1alpha1.ReasonBMPAddressShared:
		return t.explain(notYet)
	default:
		return false
	}
}

// notify tells of a change.
func (s *Streams) notify(router string) {
	s.mu.Lock()
	onChange := s.onChange
	s.mu.Unlock()
	if onChange != nil {
		onChange(router)
	}
}

// change changes what is known of a router, and tells of it if the function says so.
func (s *Streams) change(router string, change func(*teller) (tell bool)) {
	s.mu.Lock()
	t, ok := s.routers[router]
	changed := ok && change(t)
	if changed {
		t.count()
		metrics.BMPStreams(router, t.Connections)
	}
	s.mu.Unlock()
	if changed {
		s.notify(router)
	}
}

// count brings the state up to date with the streams.
func (t *teller) count() {
	t.Connections, t.Telling = len(t.told), false
	for _, told := range t.told {
		t.Telling = t.Telling || told
	}
}

// missing is true if a router that is expected is not there.
func (s *Streams) missing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.routers {
		if t.Connections == 0 {
			return true
		}
	}
	return false
}

func (s *Streams) began(st *stream, now time.Time) {
	for _, router := range names(st.senders) {
		s.change(router, func(t *teller) bool {
			if len(t.told) == 0 {
				t.Since = now
			}
			t.told[st], t.From = false, st.from
			return true
		})
	}
}

// heard is about a message. It is news if the router has not said the same already, and believed if it is about a session
// in the router's VRF.
func (s *Streams) heard(st *stream, router string, now time.Time, news, believed bool) {
	s.change(router, func(t *teller) bool {
		told, open := t.told[st]
		if !open || !news && told == (told || believed) {
			return false
		}
		t.told[st] = told || believed
		if news {
			t.HeardAt = now
		}
		return true
	})
}

func (s *Streams) left(st *stream, now time.Time, why end) {
	for _, router := range names(st.senders) {
		s.change(router, func(t *teller) bool {
			told, open := t.told[st]
			if !open {
				return false
			}
			delete(t.told, st)
			if told {
				t.HeardAt = now
			}
			if len(t.told) == 0 {
				t.Since, t.Reason, t.Message = now, why.reason, why.message
			}
			return true
		})
	}
}

// failed is about a connection that never became a stream.
func (s *Streams) failed(st *stream, why end) {
	for _, router := range names(st.senders) {
		s.change(router, func(t *teller) bool { return t.explain(why) })
	}
}

// listening is about the station as a whole.
func (s *Streams) listening(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.routers {
		switch {
		case err != nil:
			t.explain(end{v1alpha1.ReasonBMPNotListening, err.Error()})
		case t.Reason == v1alpha1.ReasonBMPNotListening:
			t.explain(notYet)
		}
	}
}

// explain keeps why there is no stream, where there is none, and tells whether that is news.
func (t *teller) explain(why end) (news bool) {
	if len(t.told) > 0 || t.Reason == why.reason && t.Message == why.message {
		return false
	}
	t.Reason, t.Message = why.reason, why.message
	return true
}
