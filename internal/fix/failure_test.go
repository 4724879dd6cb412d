package fix_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/peergate/peergate/internal/fix"
	"github.com/peergate/peergate/routerclient"
)

// like is a router of the platform as the table has it, without what it refuses.
func like(t *testing.T, platform string) *scripted {
	t.Helper()
	for _, s := range platforms {
		if s.platform == platform {
			return &scripted{platform: s.platform, recordings: s.recordings, peer: s.peer, group: s.group, takes: s.takes, drops: s.drops}
		}
	}
	t.Fatalf("no platform %s in the table", platform)
	return nil
}

// TestTakenBack has attempts that fail elsewhere than at a line that is refused. Each leaves the router as it was.
func TestTakenBack(t *testing.T) {
	tests := map[string]struct {
		platform string
		change   func(*scripted)
		want     string
	}{
		"the neighbor does not show": {
			"IOS", func(s *scripted) { s.takes = "" }, "the router took the lines, but does not show the neighbor",
		},
		"the neighbor does not show after a commit": {
			"Junos", func(s *scripted) { s.takes = "" }, "the router took the lines, but does not show the neighbor",
		},
		"the connection breaks between two lines": {
			"NXOS", func(s *scripted) { s.hangsUpAfter = "remote-as" }, "the router ended the session",
		},
		"the connection breaks with the commit": {
			"IOSXR", func(s *scripted) { s.hangsUpAfter = "use neighbor-group" }, "the router ended the session",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := like(t, test.platform)
			test.change(s)
			router, plan := s.serve(t)
			router.Settle = 2 * time.Second
			err := router.Apply(t.Context(), plan)
			taken, ok := errors.AsType[*fix.TakenBackError](err)
			if !ok || taken.Left != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q that left nothing", err, test.want)
			}
			if s.has || !strings.Contains(s.transcript.String(), plan.Undo[len(plan.Undo)-1]) {
				t.Errorf("the router has the neighbor: %t; it was told:\n%s", s.has, s.transcript.String())
			}
		})
	}
}

// TestTakenBackAfterInterrupt has a person who loses patience in the middle: what was typed is taken back all the same.
func TestTakenBackAfterInterrupt(t *testing.T) {
	t.Parallel()
	s := like(t, "IOS")
	router, plan := s.serve(t)
	ctx, interrupt := context.WithCancel(t.Context())
	router.Typed = func(line string) {
		if strings.Contains(line, "remote-as") {
			interrupt()
		}
	}
	err := router.Apply(ctx, plan)
	if taken, ok := errors.AsType[*fix.TakenBackError](err); !ok || taken.Left != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled and nothing left", err)
	}
	if s.has {
		t.Errorf("the router has the neighbor; it was told:\n%s", s.transcript.String())
	}
}

// TestNotTakenBack has a router that will not let go of the neighbor, and says so.
func TestNotTakenBack(t *testing.T) {
	t.Parallel()
	s := like(t, "IOS")
	s.drops, s.refuses, s.words = "", "activate", "% Invalid input"
	router, plan := s.serve(t)
	router.UndoTimeout = 3 * time.Second
	err := router.Apply(t.Context(), plan)
	if taken, ok := errors.AsType[*fix.TakenBackError](err); !ok || taken.Left == nil || !strings.Contains(err.Error(), "the router still has neighbor 192.168.3.31") {
		t.Errorf("error %v, want one that says what is left", err)
	}
}

// TestConfigured has a router that knows the neighbor already: nothing is typed that changes anything.
func TestConfigured(t *testing.T) {
	tests := map[string]struct {
		change func(*scripted)
		want   string
	}{
		"with a session": {func(s *scripted) { s.has = true }, "the router has neighbor 192.168.3.31 already"},
		"without": {
			func(s *scripted) {
				s.configuration = " neighbor 192.168.3.311 remote-as 1\n neighbor 192.168.3.31 remote-as 64513\n neighbor 192.168.3.31 shutdown"
			},
			"the router's configuration speaks of neighbor 192.168.3.31 already, though it shows no session: neighbor 192.168.3.31 remote-as 64513",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := like(t, "IOS")
			test.change(s)
			router, plan := s.serve(t)
			err := router.Apply(t.Context(), plan)
			if _, ok := errors.AsType[*fix.ConfiguredError](err); !ok || err.Error() != test.want {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if strings.Contains(s.transcript.String(), "configure") {
				t.Errorf("the router was told:\n%s", s.transcript.String())
			}
		})
	}
}

// TestNothingTyped has an account that may not open a terminal: there is nothing to take back.
func TestNothingTyped(t *testing.T) {
	t.Parallel()
	s := like(t, "IOS")
	s.refusesTerminals = true
	router, plan := s.serve(t)
	err := router.Apply(t.Context(), plan)
	if _, taken := errors.AsType[*fix.TakenBackError](err); taken || routerclient.ReasonOf(err) != routerclient.ReasonPermissionDenied {
		t.Errorf("error %v, want that the router refuses a terminal", err)
	}
}

// TestCannotLook has accounts that may not see the configuration: what is there already would be typed over, and taken away
// after a line that is refused. SR Linux refuses to show what is not there.
func TestCannotLook(t *testing.T) {
	tests := map[string]struct{ platform, refuses, words, problem string }{
		"IOS":     {"IOS", "show running-config", "% Invalid input detected at '^' marker.", "the router says: % Invalid input"},
		"FRR":     {"FRR", "show running-config", "% Command incomplete", "the router says: % Command incomplete"},
		"SRLinux": {"SRLinux", "info flat", "Error: Path '.network-instance{.name==\"default\"}.protocols.bgp.neighbor' does not exist", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := like(t, test.platform)
			s.refuses, s.words = test.refuses, test.words
			router, plan := s.serve(t)
			err := router.Apply(t.Context(), plan)
			if test.problem == "" {
				if err != nil || !s.has {
					t.Errorf("error %v, the router has the neighbor: %t", err, s.has)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), "looking whether the router has the neighbor: ") || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("error %v, want one with %q", err, test.problem)
			}
			if s.has || strings.Contains(s.transcript.String(), "configure") {
				t.Errorf("the router was told:\n%s", s.transcript.String())
			}
		})
	}
}

// TestUnsaved keeps a neighbor that works: only a restart of the router would lose it.
func TestUnsaved(t *testing.T) {
	t.Parallel()
	s := like(t, "IOS")
	s.refuses, s.words = "write memory", "startup-config file open failed (Permission denied)\n% Error saving"
	router, plan := s.serve(t)
	err := router.Apply(t.Context(), plan)
	if _, ok := errors.AsType[*fix.UnsavedError](err); !ok || !s.has {
		t.Errorf("error %v, the router has the neighbor: %t", err, s.has)
	}
}

// TestAwaitEstablished says what the session was last, and does not take the neighbor away again.
func TestAwaitEstablished(t *testing.T) {
	t.Parallel()
	s := like(t, "IOS")
	s.peer = "192.168.3.33" // in the recording it is Active
	router, plan := s.serve(t)
	plan.Missing = s.missing()
	s.has = true
	err := router.AwaitEstablished(t.Context(), 2*time.Second, plan.Missing)
	if err == nil || !strings.HasPrefix(err.Error(), "the session is ") {
		t.Errorf("error %v, want the state of the session", err)
	}
}

// slow is a router that needs its time for an answer, and leaves out why a session is down if less is left than that.
type slow struct {
	routerclient.Client
	takes    time.Duration
	sessions []routerclient.Session
}

func (s *slow) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	sessions := slices.Clone(s.sessions)
	if end, _ := ctx.Deadline(); time.Until(end) < s.takes {
		sessions[0].Detail = ""
	}
	select {
	case <-time.After(s.takes):
		return &routerclient.Snapshot{Sessions: sessions}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestAwaitSlowRouter says why the session is down, also where the time was over in the middle of the answer.
func TestAwaitSlowRouter(t *testing.T) {
	tests := map[string]struct {
		takes time.Duration
		want  string
		after time.Duration
	}{
		"within the time":      {300 * time.Millisecond, "the session is Idle: Bad Peer AS", 2 * time.Second},
		"longer than it":       {5 * time.Second, "the session is Idle: Bad Peer AS", 5 * time.Second},
		"no answer whatsoever": {time.Hour, context.DeadlineExceeded.Error(), 30 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				down := routerclient.Session{
					Peer: netip.MustParseAddr("192.0.2.18"), VRF: routerclient.DefaultVRF, State: routerclient.Idle, Detail: "Bad Peer AS",
				}
				router := fix.Router{
					Client:   &slow{takes: test.takes, sessions: []routerclient.Session{down}},
					Interval: time.Second, Look: 30 * time.Second,
				}
				began := time.Now()
				err := router.AwaitEstablished(t.Context(), 2*time.Second, routerclient.Missing{Peer: down.Peer})
				if err == nil || err.Error() != test.want {
					t.Errorf("error %v, want %q", err, test.want)
				}
				if took := time.Since(began); took < test.after || took > test.after+time.Second {
					t.Errorf("it took %s, want about %s", took, test.after)
				}
			})
		})
	}
}
