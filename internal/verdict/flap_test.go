package verdict_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"

	"github.com/peergate/peergate/internal/verdict"
)

// maxTogglesAnHour is how often the taint of a node comes or goes within an hour, however its session flaps: once each
// for a loss that is not damped yet, and twice for each half hour. docs/operations.md says so.
const maxTogglesAnHour = 6

// TestFlapsAreDamped lets a session come and go in every rhythm, and managers with it.
func TestFlapsAreDamped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := policy(damped)
		p.LossGrace = time.Duration(rapid.SampledFrom([]int{150, 30, 0}).Draw(t, "lossGracePeriod, in seconds")) * time.Second
		f := flapper{now: now, node: newNode(confirmed, old), policy: p, upSince: ago(24 * time.Hour)}
		restarts := rapid.IntRange(0, 20).Draw(t, "one in so many polls is a new manager's first")
		rhythm := rapid.SliceOfN(rapid.IntRange(1, 3600), 2, 6).Draw(t, "seconds up and down, in turn")
		if len(rhythm)%2 != 0 {
			rhythm = rhythm[1:]
		}
		for end, polls := now.Add(6*time.Hour), 1; f.now.Before(end); {
			for i, seconds := range rhythm {
				f.turn(i%2 == 0)
				for next := f.now.Add(time.Duration(seconds) * time.Second); f.now.Before(next); polls++ {
					if restarts > 0 && polls%restarts == 0 {
						f.node.SeenAt = f.now
					}
					f.now = f.now.Add(min(30*time.Second, next.Sub(f.now)))
					f.poll()
				}
			}
		}
		if most := mostWithin(f.toggles, time.Hour); most > maxTogglesAnHour {
			t.Fatalf("the taint came or went %d times in an hour: %v", most, f.toggles)
		}
	})
}

// TestSlowFlapsKeepTheTaint: four minutes down and one up, and as long up as down, tell the second loss from the first.
func TestSlowFlapsKeepTheTaint(t *testing.T) {
	for name, test := range map[string]struct {
		down, up time.Duration
		damped   bool
		want     int
	}{
		"four minutes down, one up":              {4 * time.Minute, time.Minute, true, 3},
		"four minutes down, four up":             {4 * time.Minute, 4 * time.Minute, true, 3},
		"four minutes down, one up, not damped":  {4 * time.Minute, time.Minute, false, 24},
		"four minutes down, half an hour up":     {4 * time.Minute, 30 * time.Minute, true, 3},
		"two minutes down, four up":              {2 * time.Minute, 4 * time.Minute, true, 0},
		"four minutes down, an hour and more up": {4 * time.Minute, 65 * time.Minute, true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			f := flapper{now: now, node: newNode(confirmed, old), policy: policy(), upSince: ago(24 * time.Hour)}
			if test.damped {
				damped(&f.policy)
			}
			for end := now.Add(time.Hour); f.now.Before(end); {
				up := !f.upSince.IsZero()
				f.turn(!up)
				for next := f.now.Add(map[bool]time.Duration{true: test.down, false: test.up}[up]); f.now.Before(next) && f.now.Before(end); f.poll() {
					f.now = f.now.Add(10 * time.Second)
				}
			}
			if len(f.toggles) != test.want {
				t.Errorf("the taint came or went %d times, want %d: %v", len(f.toggles), test.want, f.toggles)
			}
		})
	}
}

// flapper is a node whose session comes and goes, and what the API server keeps of it.
type flapper struct {
	now     time.Time
	node    verdict.Node
	policy  verdict.Policy
	upSince time.Time
	toggles []time.Time
}

func (f *flapper) turn(up bool) {
	f.upSince = time.Time{}
	if up {
		f.upSince = f.now
	}
}

// poll has the router answer, the node be decided, and the decision be written. The API server keeps whole seconds.
func (f *flapper) poll() {
	e := verdict.Evidence{Router: "edge", AskedAt: f.now, StaleAfter: 90 * time.Second, Sessions: []verdict.Session{down()}}
	if !f.upSince.IsZero() {
		e.Sessions = []verdict.Session{established(0)}
		e.Sessions[0].EstablishedSince = f.upSince
	}
	d := verdict.Decide(verdict.Input{Node: f.node, Policies: []verdict.Policy{f.policy}, Routers: []verdict.Evidence{e}, Now: f.now})
	wholeSecond := f.now.Truncate(time.Second)
	switch c := d.Condition; {
	case c.Change != verdict.SetCondition:
	case c.Status != corev1.ConditionFalse:
		f.node.UnpeeredSince = time.Time{}
	case f.node.UnpeeredSince.IsZero():
		f.node.UnpeeredSince = wholeSecond.Add(time.Second)
	}
	switch tainted := f.node.Tainted; {
	case d.Taint == verdict.AddTaint && !tainted:
		f.node.Tainted, f.node.TaintedAt = true, wholeSecond
		f.toggles = append(f.toggles, f.now)
	case d.Taint == verdict.RemoveTaint && tainted:
		f.node.Tainted, f.node.TaintedAt = false, time.Time{}
		f.toggles = append(f.toggles, f.now)
	}
	if d.Reopen {
		f.node.ReopenedAt = wholeSecond
	}
}

// mostWithin is how many of the times, at most, fall into a span.
func mostWithin(times []time.Time, span time.Duration) int {
	most, first := 0, 0
	for i, at := range times {
		for at.Sub(times[first]) >= span {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
