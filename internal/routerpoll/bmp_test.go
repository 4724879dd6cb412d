package routerpoll_test

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/bmpstation"
	"github.com/peergate/peergate/internal/routerpoll"
	"github.com/peergate/peergate/routerclient"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// told is a router's stream, as the test has it.
type told struct {
	state    bmpstation.State
	expected bool
}

func (s *told) State(string) (bmpstation.State, bool) { return s.state, s.expected }
func (*told) OnChange(func(string))                   {}

// asked is a router that counts its questions.
type asked int

func (a *asked) Snapshot(context.Context) (*routerclient.Snapshot, error) {
	*a++
	return &routerclient.Snapshot{}, nil
}

func (*asked) Close() error { return nil }

// polled is one router that is asked when it is due.
type polled struct {
	*routerpoll.Reconciler
	t      *testing.T
	clock  *clocktesting.FakePassiveClock
	stream *told
	asked  asked
}

func newPolled(t *testing.T, change ...func(*v1alpha1.BGPRouter)) *polled {
	t.Helper()
	router := newRouter("edge", "192.0.2.1")
	router.Spec.BMP = &v1alpha1.BMPSpec{}
	for _, f := range change {
		f(router)
	}
	p := &polled{t: t, clock: clocktesting.NewFakePassiveClock(start), stream: &told{expected: true}}
	p.Reconciler = reconciler(t, p.clock)
	p.Streams = p.stream
	p.Connect = func(*v1alpha1.BGPRouter, *corev1.Secret) (routerclient.Client, error) { return &p.asked, nil }
	if err := p.Client.Create(t.Context(), router); err != nil {
		t.Fatal(err)
	}
	if err := p.Client.Status().Update(t.Context(), router); err != nil {
		t.Fatal(err)
	}
	return p
}

// at reconciles the router some time after the start, and returns how often it has been asked by then, and when it is
// to be looked at again.
func (p *polled) at(after time.Duration) (times int, again time.Duration) {
	p.t.Helper()
	p.clock.SetTime(start.Add(after))
	result, err := p.Reconcile(p.t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "edge"}})
	if err != nil {
		p.t.Fatal(err)
	}
	return int(p.asked), result.RequeueAfter
}

func (p *polled) condition() *metav1.Condition {
	p.t.Helper()
	var router v1alpha1.BGPRouter
	if err := p.Client.Get(p.t.Context(), client.ObjectKey{Name: "edge"}, &router); err != nil {
		p.t.Fatal(err)
	}
	return meta.FindStatusCondition(router.Status.Conditions, v1alpha1.ConditionBMPConnected)
}

// TestConfirmsWhatWasTold: a router that has told of something is asked at once, but not more often than fastInterval.
func TestConfirmsWhatWasTold(t *testing.T) {
	p := newPolled(t)
	p.stream.state = bmpstation.State{Connections: 1, Telling: true}
	p.at(0)
	// After its first poll a router may be asked any time; after the second, not for a while.
	p.at(interval)
	tell := func(after time.Duration) { p.stream.state.HeardAt = start.Add(interval + after) }

	tell(5 * time.Second)
	if times, _ := p.at(interval + 5*time.Second + time.Millisecond); times != 3 {
		t.Fatalf("asked %d times, want a third time at once", times)
	}
	tell(5500 * time.Millisecond)
	times, again := p.at(interval + 5500*time.Millisecond)
	if want := fastInterval - 499*time.Millisecond; times != 3 || again != want {
		t.Fatalf("asked %d times, to be looked at after %s; want 3, %s", times, again, want)
	}
	if times, _ := p.at(interval + 5500*time.Millisecond + again); times != 4 {
		t.Fatalf("asked %d times, want a fourth time", times)
	}
	if times, again := p.at(interval + 10*time.Second); times != 4 || again < interval/2 {
		t.Fatalf("asked %d times, to be looked at after %s; want nothing more until the interval is over", times, again)
	}
}

// TestAskedSeldomWhileItTells: a node that waits makes the router be asked often only if that helps.
func TestAskedSeldomWhileItTells(t *testing.T) {
	for name, telling := range map[string]bool{"it tells": true, "it is connected only": false} {
		t.Run(name, func(t *testing.T) {
			p := newPolled(t)
			p.stream.state = bmpstation.State{Connections: 1, Telling: telling}
			p.at(0)
			p.Waiting.Wait("leviathan3", []string{"edge"}, start.Add(interval))
			times, again := p.at(interval + time.Second)
			if seldom := again > fastInterval; times != 2 || seldom != telling {
				t.Errorf("asked %d times, to be asked again after %s", times, again)
			}
		})
	}
}

func TestBMPConnected(t *testing.T) {
	lost := bmpstation.State{Since: start, Reason: v1alpha1.ReasonBMPConnectionLost, Message: "the connection broke"}
	tests := map[string]struct {
		expected bool
		state    bmpstation.State
		at       time.Duration
		want     metav1.ConditionStatus
	}{
		"not expected yet":  {false, bmpstation.State{}, time.Hour, ""},
		"connected":         {true, bmpstation.State{Connections: 1}, 0, metav1.ConditionTrue},
		"lost a moment ago": {true, lost, 29 * time.Second, ""},
		"lost":              {true, lost, 30 * time.Second, metav1.ConditionFalse},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPolled(t)
			p.stream.expected, p.stream.state = test.expected, test.state
			_, again := p.at(test.at)
			var got metav1.ConditionStatus
			if c := p.condition(); c != nil {
				got = c.Status
			}
			if got != test.want {
				t.Errorf("status %q, want %q", got, test.want)
			}
			if name == "lost a moment ago" && again > time.Second {
				t.Errorf("looked at again after %s, want when the grace is over", again)
			}
		})
	}
}

func TestBMPConnectedGoesWithTheSpec(t *testing.T) {
	p := newPolled(t, func(r *v1alpha1.BGPRouter) {
		r.Spec.BMP = nil
		r.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionBMPConnected, Status: metav1.ConditionTrue, Reason: "Streaming"}}
	})
	p.stream.expected = false
	p.at(0)
	if c := p.condition(); c != nil {
		t.Errorf("the condition is still there: %+v", c)
	}
}
