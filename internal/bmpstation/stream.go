package bmpstation

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/bmp"
	"github.com/peergate/peergate/internal/metrics"
)

const (
	// beginTimeout is how long a sender may take for the TLS handshake, and for its Initiation after that.
	beginTimeout = 10 * time.Second
	// messageTimeout is how long one message may take that has begun to arrive.
	messageTimeout = 10 * time.Second
)

// Why the station itself ends a stream.
var (
	errSpecChanged = errors.New("its BGPRouter has changed")
	errStopped     = errors.New("this manager listens no more")
	errReplaced    = errors.New("newer connections took its place")
)

// stream is a connection.
type stream struct {
	net.Conn
	from    netip.Addr
	senders []sender
	ctx     context.Context
	cancel  context.CancelCauseFunc
}

// newStream makes a connection end with ctx.
func newStream(ctx context.Context, conn net.Conn, from netip.Addr, allowed []sender) *stream {
	st := &stream{Conn: conn, from: from, senders: allowed}
	st.ctx, st.cancel = context.WithCancelCause(log.IntoContext(ctx, log.FromContext(ctx).WithValues("from", from.String())))
	context.AfterFunc(st.ctx, func() { _ = conn.Close() }) // it is given up
	return st
}

// serve reads a stream to its end. What was heard on it is not believed of a BGPRouter that has changed meanwhile: it may be
// another router's.
func (s *Station) serve(st *stream) {
	st.cancel(s.read(st))
	s.mu.Lock()
	s.remove(st)
	now := s.senders[st.from]
	s.mu.Unlock()
	for _, one := range st.senders {
		if !slices.Contains(now, one) {
			s.Table.Retract(one.router)
		}
	}
}

// read reads a stream, and returns why it ended, which is told already.
func (s *Station) read(st *stream) error {
	conn, err := s.secure(st)
	if err != nil {
		metrics.BMPRefused("TLS")
		s.Streams.failed(st, end{v1alpha1.ReasonBMPTLSFailed, "securing the connection: " + withoutPorts(err)})
		return err
	}
	reader := bmp.NewReader(conn)
	if err := st.SetReadDeadline(s.Clock.Now().Add(beginTimeout)); err != nil {
		return err
	}
	first, err := reader.Next()
	if err != nil {
		s.ended(st, err)
		return err
	}
	hello, ok := first.(*bmp.Initiation)
	if !ok {
		err := fmt.Errorf("reading the first message: %T, want an Initiation", first)
		s.ended(st, err)
		return err
	}
	s.Streams.began(st, s.Clock.Now())
	log.FromContext(st.ctx).Info("BMP stream began", "routers", names(st.senders), "sysName", hello.SysName, "sysDescr", hello.SysDescr)
	err = s.follow(st, reader)
	s.Streams.left(st, s.Clock.Now(), ending(st, err))
	log.FromContext(st.ctx).Info("BMP stream ended", "routers", names(st.senders), "why", err.Error())
	return err
}

// follow tells what a stream says, until it ends.
func (s *Station) follow(st *stream, reader *bmp.Reader) error {
	for {
		if err := st.SetReadDeadline(time.Time{}); err != nil {
			return err
		}
		if err := reader.Await(); err != nil {
			return err
		}
		if err := st.SetReadDeadline(s.Clock.Now().Add(messageTimeout)); err != nil {
			return err
		}
		m, err := reader.Next()
		if err != nil {
			return err
		}
		if last, ok := m.(*bmp.Termination); ok {
			return terminated{last.Words}
		}
		if st.ctx.Err() != nil {
			return context.Cause(st.ctx)
		}
		s.tell(st, m, s.Clock.Now())
	}
}

// terminated is the end of a stream that its router gave a reason for.
type terminated struct{ words string }

func (t terminated) Error() string { return "the router says: " + t.words }

func (s *Station) ended(st *stream, err error) {
	log.FromContext(st.ctx).Info("BMP connection without a message", "routers", names(st.senders), "why", err.Error())
	s.Streams.failed(st, ending(st, err))
}

// end is why a stream ended, for people.
type end struct{ reason, message string }

// ending finds the words for an error that ended a stream.
func ending(st *stream, err error) end {
	if cause := context.Cause(st.ctx); cause != nil {
		return end{v1alpha1.ReasonBMPConnectionLost, cause.Error()}
	}
	if last, ok := errors.AsType[terminated](err); ok {
		return end{v1alpha1.ReasonBMPTerminated, last.Error()}
	}
	switch network, isNetwork := errors.AsType[net.Error](err); {
	case errors.Is(err, io.EOF):
		return end{v1alpha1.ReasonBMPConnectionLost, "the router closed the connection"}
	case errors.Is(err, syscall.ETIMEDOUT):
		// This timeout is the kernel's, the next is ours.
		return end{v1alpha1.ReasonBMPConnectionLost, "the router is out of reach"}
	case isNetwork && network.Timeout():
		return end{v1alpha1.ReasonBMPProtocolError, "the router sent half a message, or none"}
	case isNetwork:
		// Its words have port numbers in them, which differ each time.
		return end{v1alpha1.ReasonBMPConnectionLost, "the connection broke"}
	default:
		return end{v1alpha1.ReasonBMPProtocolError, err.Error()}
	}
}

// withoutPorts leaves the addresses of a connection out of its error: they differ each time, and would be a write each.
func withoutPorts(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err.Error()
	}
	return err.Error()
}

func names(of []sender) (all []string) {
	for _, s := range of {
		all = append(all, s.router)
	}
	return all
}

// secure is the connection, with TLS where the sender's BGPRouter wants it.
func (s *Station) secure(st *stream) (net.Conn, error) {
	secret := secretOf(st.senders)
	if secret == "" {
		return st.Conn, nil
	}
	ctx, cancel := context.WithTimeout(st.ctx, beginTimeout)
	defer cancel()
	config, err := s.tlsConfig(ctx, secret)
	if err != nil {
		return nil, err
	}
	conn := tls.Server(st.Conn, config)
	return conn, conn.HandshakeContext(ctx)
}
