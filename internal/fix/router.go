package fix

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Router is a router as one person's account reaches it. It is used by one goroutine at a time.
type Router struct {
	// Client reads the sessions.
	Client routerclient.Client
	// Runner runs commands, and OpenTerminal opens the command line.
	Runner       routerclient.Runner
	OpenTerminal func(context.Context) (Terminal, error)
	// Interval is the time between two looks at the sessions, and Look how long one may take.
	Interval, Look time.Duration
	// Settle is how long the router may take to show what was typed, and UndoTimeout how long taking it back may take
	// altogether, whatever became of the caller's context.
	Settle, UndoTimeout time.Duration
	// Typed is told of each line that the router took.
	Typed func(line string)
}

// ConfiguredError is about a neighbor that the router has already. Nothing was typed.
type ConfiguredError struct {
	Peer netip.Addr
	// Words are the line of the configuration that shows it, or "" for a session.
	Words string
}

func (e *ConfiguredError) Error() string {
	if e.Words == "" {
		return fmt.Sprintf("the router has neighbor %s already", e.Peer)
	}
	return fmt.Sprintf("the router's configuration speaks of neighbor %s already, though it shows no session: %s", e.Peer, e.Words)
}

// TakenBackError is an attempt that failed.
type TakenBackError struct {
	// Err is why.
	Err error
	// Left is nil if the router is as it was, and otherwise why that is not known.
	Left error
}

func (e *TakenBackError) Error() string {
	if e.Left == nil {
		return fmt.Sprintf("%v; the router is as it was", e.Err)
	}
	return fmt.Sprintf("%v; taking it back failed too: %v", e.Err, e.Left)
}

func (e *TakenBackError) Unwrap() []error { return []error{e.Err, e.Left} }

// UnsavedError is a neighbor that the router has until it restarts.
type UnsavedError struct{ Err error }

func (e *UnsavedError) Error() string {
	return fmt.Sprintf("the router has the neighbor, but its configuration is not saved: %v", e.Err)
}

func (e *UnsavedError) Unwrap() error { return e.Err }

// Apply gives the router the neighbor, and returns once the router shows it and has saved it. It changes nothing if the
// router has the neighbor in any form ([ConfiguredError]), and takes everything back if the router refuses a line or does
// not show the neighbor afterwards ([TakenBackError]), even if ctx has ended meanwhile.
func (r *Router) Apply(ctx context.Context, p Plan) error {
	if session, err := r.session(ctx, p.Missing); err != nil {
		return err
	} else if session != nil {
		return &ConfiguredError{Peer: p.Missing.Peer}
	}
	began, err := r.typeIn(ctx, p)
	if !began {
		return err
	}
	if err == nil {
		err = r.await(ctx, r.Settle, p.Missing, configured)
	}
	if err != nil {
		return &TakenBackError{Err: err, Left: r.takeBack(ctx, p, err)}
	}
	if err := r.save(ctx, p); err != nil {
		return &UnsavedError{Err: err}
	}
	return nil
}

// typeIn looks whether the configuration has the neighbor, and gives it to the router if not, in one session. Until it
// has begun nothing is there to be taken back.
func (r *Router) typeIn(ctx context.Context, p Plan) (began bool, err error) {
	k, err := r.keyboard(ctx, p)
	if err != nil {
		return false, err
	}
	defer k.close()
	if p.Look != "" {
		answer, err := k.typeLine(ctx, p.Look)
		if line := lineOfNeighbor(answer, p.Missing.Peer); line != "" {
			return false, &ConfiguredError{Peer: p.Missing.Peer, Words: line}
		}
		if err != nil && (!refused(err) || !p.refusesAbsent) {
			return false, fmt.Errorf("looking whether the router has the neighbor: %w", err)
		}
	}
	return true, k.typeAll(ctx, p.Apply, p.Abort)
}

func (r *Router) save(ctx context.Context, p Plan) error {
	if len(p.Save) == 0 {
		return nil
	}
	k, err := r.keyboard(ctx, p)
	if err != nil {
		return err
	}
	defer k.close()
	return k.typeAll(ctx, p.Save, nil)
}

// lineOfNeighbor finds the word "neighbor" followed by the address.
func lineOfNeighbor(configuration string, peer netip.Addr) string {
	return lineWith(configuration, func(line string) bool {
		words := strings.Fields(line)
		for i, word := range words[:max(0, len(words)-1)] {
			if addr, err := netip.ParseAddr(strings.Trim(words[i+1], `"';`)); word == "neighbor" && err == nil && addr == peer {
				return true
			}
		}
		return false
	})
}

// takeBack returns nil once the router shows no trace of the neighbor.
func (r *Router) takeBack(ctx context.Context, p Plan, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.UndoTimeout)
	defer cancel()
	if p.Atomic && refused(cause) {
		if session, err := r.session(ctx, p.Missing); err == nil && session == nil {
			return nil
		}
	}
	k, err := r.keyboard(ctx, p)
	if err != nil {
		return err
	}
	k.typeRegardless(ctx, p.Undo)
	k.close()
	return r.await(ctx, r.UndoTimeout, p.Missing, absent)
}

// AwaitEstablished returns once the session is up, or with an error that says what the router last showed when the time was
// over, or ctx.
func (r *Router) AwaitEstablished(ctx context.Context, limit time.Duration, m routerclient.Missing) error {
	return r.await(ctx, limit, m, established)
}

func configured(s *routerclient.Session) error {
	if s == nil {
		return errors.New("the router took the lines, but does not show the neighbor")
	}
	return nil
}

func absent(s *routerclient.Session) error {
	if s != nil {
		return fmt.Errorf("the router still has neighbor %s", s.Peer)
	}
	return nil
}

func established(s *routerclient.Session) error {
	switch {
	case s == nil:
		return errors.New("the router no longer shows the neighbor")
	case s.State == routerclient.Established:
		return nil
	case s.Detail != "":
		return fmt.Errorf("the session is %s: %s", s.State, s.Detail)
	}
	return fmt.Errorf("the session is %s", s.State)
}

// await looks at the sessions until check has no more to say, and returns the last it said when the time is over. The end
// of the time cuts off no look that has begun: a driver gives a question that is a courtesy, as for the reason a session is
// down, only a part of the time that is left.
func (r *Router) await(ctx context.Context, limit time.Duration, m routerclient.Missing, check func(*routerclient.Session) error) error {
	end := time.Now().Add(limit)
	var unmet error
	for {
		err := r.look(ctx, m, check)
		if err == nil {
			return nil
		}
		if unmet == nil || !cutOff(err) {
			unmet = err
		}
		left := time.Until(end)
		if left <= 0 {
			return unmet
		}
		select {
		case <-ctx.Done():
			return unmet
		case <-time.After(min(r.Interval, left)):
		}
	}
}

func (r *Router) look(ctx context.Context, m routerclient.Missing, check func(*routerclient.Session) error) error {
	ctx, cancel := context.WithTimeout(ctx, r.Look)
	defer cancel()
	session, err := r.session(ctx, m)
	if err != nil {
		return err
	}
	return check(session)
}

// cutOff is true of a look that took too long, which says less than the answer before.
func cutOff(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
}

// session is the router's session with the neighbor, or nil.
func (r *Router) session(ctx context.Context, m routerclient.Missing) (*routerclient.Session, error) {
	snapshot, err := r.Client.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	vrf := remedy.VRF(m)
	if vrf == "" {
		vrf = routerclient.DefaultVRF
	}
	for i := range snapshot.Sessions {
		if s := &snapshot.Sessions[i]; s.Peer == m.Peer && s.VRF == vrf {
			return s, nil
		}
	}
	return nil, nil
}
