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
	states   map[string]State
	onChange func(router string)
}

// State is what is known of a router's streams.
type State struct {
	// Connections is how many there are.
	Connections int
	// Telling is true once the router has told of a session in the VRF of its BGPRouter, on a stream that still is.
	Telling bool
	// HeardAt is when the router last told of a session, in any VRF, or its last stream ended: it is to be asked again
	// since.
	HeardAt time.Time
	// Since is when there began to be a connection, or none; From is where the newest comes from.
	Since time.Time
	From  netip.Addr
	// Reason and Message are why there is none.
	Reason, Message string
}

// NewStreams returns an empty Streams.
func NewStreams() *Streams { return &Streams{states: map[string]State{}} }

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
	st, ok = s.states[router]
	return st, ok
}

// expect makes the routers those of which there may be streams.
func (s *Streams) expect(routers map[string]bool, now time.Time) {
	s.mu.Lock()
	var changed []string
	for router := range s.states {
		if !routers[router] {
			delete(s.states, router)
			metrics.ForgetBMP(router)
			changed = append(changed, router)
		}
	}
	for router := range routers {
		if _, known := s.states[router]; !known {
			s.states[router] = State{
				Since: now, Reason: v1alpha1.ReasonBMPNoConnection, Message: "The router has not connected to this manager yet.",
			}
			metrics.BMPStreams(router, 0)
			changed = append(changed, router)
		}
	}
	onChange := s.onChange
	s.mu.Unlock()
	for _, router := range changed {
		if onChange != nil {
			onChange(router)
		}
	}
}

// change changes the states of those of the routers that are expected, and tells of it.
func (s *Streams) change(routers []string, change func(*State)) {
	for _, router := range routers {
		s.mu.Lock()
		state, ok := s.states[router]
		if ok {
			change(&state)
			s.states[router] = state
			metrics.BMPStreams(router, state.Connections)
		}
		onChange := s.onChange
		s.mu.Unlock()
		if ok && onChange != nil {
			onChange(router)
		}
	}
}

// missing is true if a router that is expected is not there.
func (s *Streams) missing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, state := range s.states {
		if state.Connections == 0 {
			return true
		}
	}
	return false
}

func (s *Streams) began(routers []string, from netip.Addr, now time.Time) {
	s.change(routers, func(st *State) {
		if st.Connections == 0 {
			st.Since = now
		}
		st.Connections++
		st.From = from
	})
}

func (s *Streams) heard(router string, now time.Time, telling bool) {
	s.change([]string{router}, func(st *State) {
		st.HeardAt = now
		st.Telling = st.Telling || telling && st.Connections > 0
	})
}

func (s *Streams) left(routers []string, now time.Time, why end) {
	s.change(routers, func(st *State) {
		st.HeardAt = now
		st.Connections = max(0, st.Connections-1)
		if st.Connections == 0 {
			st.Since, st.Telling, st.Reason, st.Message = now, false, why.reason, why.message
		}
	})
}

// failed is about a connection that never became a stream.
func (s *Streams) failed(routers []string, why end) {
	s.change(routers, func(st *State) {
		if st.Connections == 0 {
			st.Reason, st.Message = why.reason, why.message
		}
	})
}

func (s *Streams) notListening(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for router, st := range s.states {
		if st.Connections == 0 {
			st.Reason, st.Message = v1alpha1.ReasonBMPNotListening, err.Error()
			s.states[router] = st
		}
	}
}
