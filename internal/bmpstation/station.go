// Package bmpstation listens for routers that tell of their sessions by themselves, over the BGP Monitoring Protocol (RFC
// 7854), and puts what they say beside their answers in the session table. It believes a router for as long only as it
// can be sure of the stream, and never in place of an answer: package routerpoll asks again whenever a router has told
// of something.
package bmpstation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/sessiontable"
)

const (
	// maxStreams bounds the connections at a time, and maxStreamsPerSender those from one address for each BGPRouter it
	// speaks for. FRR has one for each VRF; another is likelier to come from a router that was restarted, so that the oldest
	// is given up.
	maxStreams          = 1024
	maxStreamsPerSender = 8
	// retryAfter is how soon what has failed, listening or publishing, is tried again.
	retryAfter = 10 * time.Second
	// publishAgain is how often a station that misses a router leads it here anew: somebody may have undone it.
	publishAgain = time.Minute
)

// keepAlive cuts a stream off whose router has been out of reach for four seconds (see MaxDelay).
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 3}

// Station listens while there is a BGPRouter with spec.bmp, and only where this replica leads: others would have to tell
// the leader what they hear.
type Station struct {
	// Address is host:port to listen on.
	Address   string
	Client    client.Reader
	Informers cache.Informers
	Namespace string
	Table     *sessiontable.Table
	Streams   *Streams
	Clock     clock.PassiveClock
	// Publish, if not nil, leads the routers here. It is called once the station listens, until it has no error, and every
	// minute while a router is not there.
	Publish func(context.Context) error

	publishedAt time.Time
	listener    net.Listener
	running     sync.WaitGroup

	mu      sync.Mutex
	senders senders
	// streams are in the order in which they began.
	streams []*stream
	// refusedAt is when a refusal was last told of.
	refusedAt time.Time
}

// NeedLeaderElection is true: only the leader decides, and only the leader need know.
func (s *Station) NeedLeaderElection() bool { return true }

// Start listens until ctx is done.
func (s *Station) Start(ctx context.Context) error {
	changed := make(chan struct{}, 1)
	informer, err := s.Informers.GetInformer(ctx, &v1alpha1.BGPRouter{})
	if err != nil {
		return fmt.Errorf("watching BGPRouters: %w", err)
	}
	poke := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	registration, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { poke() }, UpdateFunc: func(any, any) { poke() }, DeleteFunc: func(any) { poke() },
	})
	if err != nil {
		return fmt.Errorf("watching BGPRouters: %w", err)
	}
	defer func() { _ = informer.RemoveEventHandler(registration) }() // the informer ends, too
	defer s.running.Wait()
	defer s.stop()
	for {
		again := time.After(publishAgain)
		if err := s.update(ctx); err != nil {
			log.FromContext(ctx).Error(err, "The BMP station is not in order")
			again = time.After(retryAfter)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-again:
		}
	}
}

// update follows a change of the BGPRouters.
func (s *Station) update(ctx context.Context) error {
	var routers v1alpha1.BGPRouterList
	if err := s.Client.List(ctx, &routers); err != nil {
		return fmt.Errorf("listing BGPRouters: %w", err)
	}
	senders, expected := sendersOf(routers.Items)
	s.Streams.expect(expected, s.Clock.Now())
	s.admit(senders)
	if len(expected) == 0 {
		s.stop()
		return nil
	}
	err := s.listen(ctx)
	s.Streams.listening(err)
	if err != nil {
		return err
	}
	return s.publish(ctx)
}

// admit makes the senders those who may connect, and ends the streams of those who may not, or not in this way.
func (s *Station) admit(next senders) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.senders = next
	for _, st := range s.streams {
		if !slices.Equal(next[st.from], st.senders) {
			st.cancel(errSpecChanged)
		}
	}
}

func (s *Station) listen(ctx context.Context) error {
	if s.listener != nil {
		return nil
	}
	config := net.ListenConfig{KeepAliveConfig: keepAlive}
	// A connection over several paths would be kept alive by any of them, while what is on another waits.
	config.SetMultipathTCP(false)
	listener, err := config.Listen(ctx, "tcp", s.Address)
	if err != nil {
		return fmt.Errorf("listening for BMP: %w", err)
	}
	log.FromContext(ctx).Info("Listening for BMP", "address", listener.Addr().String())
	s.listener = listener
	s.running.Go(func() { s.accept(ctx, listener) })
	return nil
}

func (s *Station) publish(ctx context.Context) error {
	now := s.Clock.Now()
	due := s.publishedAt.IsZero() || s.Streams.missing() && now.Sub(s.publishedAt) > publishAgain/2
	if s.Publish == nil || !due {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, retryAfter)
	defer cancel()
	if err := s.Publish(ctx); err != nil {
		return err
	}
	s.publishedAt = now
	return nil
}

// stop ends listening and every stream. The station can listen again after it.
func (s *Station) stop() {
	if s.listener != nil {
		// It is not listened on any more either way.
		_ = s.listener.Close()
		s.listener = nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.streams {
		st.cancel(errStopped)
	}
}

func (s *Station) accept(ctx context.Context, listener net.Listener) {
	for {
		conn, err := listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			// Such as too many open files, of which others may be closed.
			log.FromContext(ctx).Error(err, "Accepting a BMP connection")
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
			}
			continue
		}
		if st := s.begin(ctx, conn); st != nil {
			s.running.Go(func() { s.serve(st) })
		}
	}
}

// begin takes a connection in, or closes it.
func (s *Station) begin(ctx context.Context, conn net.Conn) *stream {
	from := remoteAddr(conn)
	s.mu.Lock()
	defer s.mu.Unlock()
	allowed := s.senders[from]
	switch {
	case len(allowed) == 0:
		s.refuse(ctx, conn, "UnknownSender", "no BGPRouter with spec.bmp is heard from this address")
		return nil
	case len(s.streams) >= maxStreams:
		s.refuse(ctx, conn, "TooMany", "too many connections")
		return nil
	}
	s.giveUpOldest(from, maxStreamsPerSender*len(allowed))
	st := newStream(ctx, conn, from, allowed)
	s.streams = append(s.streams, st)
	return st
}

// refusalInterval bounds how often a refusal is told of: whoever can reach the port can have any number.
const refusalInterval = time.Minute

func (s *Station) refuse(ctx context.Context, conn net.Conn, reason, why string) {
	metrics.BMPRefused(reason)
	if now := s.Clock.Now(); now.Sub(s.refusedAt) >= refusalInterval {
		s.refusedAt = now
		log.FromContext(ctx).Info("Refused a BMP connection", "from", conn.RemoteAddr().String(), "reason", reason, "message", why)
	}
	// Nobody waits for the outcome.
	_ = conn.Close()
}

// giveUpOldest makes room for one more stream from an address, of which there may be so many.
func (s *Station) giveUpOldest(from netip.Addr, most int) {
	var same []*stream
	for _, st := range s.streams {
		if st.from == from {
			same = append(same, st)
		}
	}
	if len(same) >= most {
		same[0].cancel(errReplaced)
		s.remove(same[0])
	}
}

func (s *Station) remove(st *stream) {
	s.streams = slices.DeleteFunc(s.streams, func(other *stream) bool { return other == st })
}

func remoteAddr(conn net.Conn) netip.Addr {
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap().WithZone("")
}
