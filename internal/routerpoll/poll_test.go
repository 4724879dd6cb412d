package routerpoll_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/connect"
	"github.com/peergate/peergate/internal/routerpoll"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/waitlist"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/routertest"
)

// The defaults of spec.poll.
const (
	interval     = 30 * time.Second
	fastInterval = time.Second
)

// rack is a number of routers that answer at once, asked by a Reconciler whose time is the test's own.
type rack struct {
	*testing.T
	*routerpoll.Reconciler
	clock *clocktesting.FakePassiveClock
	// due is when each router is to be reconciled next.
	due map[string]time.Time
	// asked is when each was asked.
	asked map[string][]time.Time
	// takes is how long each takes to answer.
	takes time.Duration
}

func newRack(t *testing.T, routers int) *rack {
	t.Helper()
	r := &rack{
		T: t, clock: clocktesting.NewFakePassiveClock(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)),
		due: map[string]time.Time{}, asked: map[string][]time.Time{},
	}
	r.Reconciler = reconciler(t, r.clock)
	r.Connect = func(router *v1alpha1.BGPRouter, _ *corev1.Secret) (routerclient.Client, error) {
		return &obliging{rack: r, name: router.Name}, nil
	}
	r.Waiting.OnWait(func(router string) { r.due[router] = r.clock.Now() })
	for i := range routers {
		router := newRouter(fmt.Sprintf("edge-%03d", i), "192.0.2.1")
		if err := r.Client.Create(t.Context(), router); err != nil {
			t.Fatal(err)
		}
		r.due[router.Name] = r.clock.Now()
	}
	return r
}

func reconciler(t *testing.T, c clock.PassiveClock) *routerpoll.Reconciler {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "peergate-system", Name: "edge"}}
	api := fake.NewClientBuilder().WithScheme(scheme).WithObjects(secret).WithStatusSubresource(&v1alpha1.BGPRouter{}).Build()
	return &routerpoll.Reconciler{
		Client: api, Secrets: api, Namespace: secret.Namespace, Recorder: silent{},
		Table: sessiontable.New(), Waiting: waitlist.New(), Clock: c,
	}
}

func newRouter(name, address string) *v1alpha1.BGPRouter {
	return &v1alpha1.BGPRouter{
		ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 1},
		Spec: v1alpha1.BGPRouterSpec{
			Address: address, Platform: "FRR", VRF: routerclient.DefaultVRF, CredentialsSecretRef: v1alpha1.SecretReference{Name: "edge"},
			Poll: v1alpha1.PollSpec{
				Interval: metav1.Duration{Duration: interval}, FastInterval: metav1.Duration{Duration: fastInterval},
				Timeout: metav1.Duration{Duration: 10 * time.Second}, StaleAfter: metav1.Duration{Duration: 90 * time.Second},
			},
		},
	}
}

// run reconciles what is due for a time, each router at its own.
func (r *rack) run(length time.Duration) {
	r.Helper()
	end := r.clock.Now().Add(length)
	for {
		next, at := "", end
		for router, t := range r.due {
			if t.Before(at) {
				next, at = router, t
			}
		}
		if next == "" {
			r.clock.SetTime(end)
			return
		}
		if at.After(r.clock.Now()) {
			r.clock.SetTime(at)
		}
		result, err := r.Reconcile(r.Context(), ctrl.Request{NamespacedName: types.NamespacedName{Name: next}})
		if err != nil {
			r.Fatal(err)
		}
		if r.due[next] = r.clock.Now().Add(result.RequeueAfter); result.RequeueAfter == 0 {
			delete(r.due, next)
		}
	}
}

// polls is how often a router was asked since a time.
func (r *rack) polls(router string, since time.Time) (count int) {
	for _, at := range r.asked[router] {
		if !at.Before(since) {
			count++
		}
	}
	return count
}

// obliging is a router that answers at once that it has no neighbors.
type obliging struct {
	*rack
	name string
}

func (o *obliging) Snapshot(context.Context) (*routerclient.Snapshot, error) {
	o.asked[o.name] = append(o.asked[o.name], o.clock.Now())
	o.clock.SetTime(o.clock.Now().Add(o.takes))
	return &routerclient.Snapshot{}, nil
}

func (*obliging) Close() error { return nil }

type silent struct{}

var _ events.EventRecorder = silent{}

func (silent) Eventf(runtime.Object, runtime.Object, string, string, string, string, ...any) {}

// TestRoutersAreNotAskedInStep: a new leader asks 300 routers at once, and must not go on doing so.
func TestRoutersAreNotAskedInStep(t *testing.T) {
	const routers = 300
	r := newRack(t, routers)
	start := r.clock.Now()
	r.run(3 * interval)
	perSecond := map[time.Duration]int{}
	for _, asked := range r.asked {
		for _, at := range asked {
			if since := at.Sub(start); since >= interval {
				perSecond[since.Truncate(time.Second)]++
			}
		}
	}
	// Ten a second on the average; with the same interval for all it would be all of them in one second of thirty.
	for second, asked := range perSecond {
		if asked > 4*routers/int(interval.Seconds()) {
			t.Errorf("%d of %d routers were asked in one second, %s after the start", asked, routers, second)
		}
	}
}

// TestHeldNodeIsForgotten: a node that waits costs its router a poll at once and a burst of them, and after an hour no
// more than if it did not wait.
func TestHeldNodeIsForgotten(t *testing.T) {
	r := newRack(t, 2)
	r.run(time.Minute)
	joined := r.clock.Now()
	r.Waiting.Wait("held", []string{"edge-000"}, joined)
	r.run(10 * time.Second)
	if got := r.polls("edge-000", joined); got < 9 || !r.asked["edge-000"][len(r.asked["edge-000"])-got].Equal(joined) {
		t.Errorf("%d polls in the ten seconds after a node began to wait, the first at %s",
			got, r.asked["edge-000"][len(r.asked["edge-000"])-got].Sub(joined))
	}
	r.run(time.Hour)
	later := r.clock.Now()
	r.run(time.Hour)
	held, idle := r.polls("edge-000", later), r.polls("edge-001", later)
	if held > idle+idle/20 {
		t.Errorf("after an hour, %d polls an hour of the router that a node waits for, and %d of the other", held, idle)
	}
}

// TestRecreatedRouter: a BGPRouter that is deleted and created anew while nobody looks has the same name and generation, and
// may be another router. What the first said does not count for the second.
func TestRecreatedRouter(t *testing.T) {
	r := newRack(t, 1)
	var connected []string
	r.Connect = func(router *v1alpha1.BGPRouter, _ *corev1.Secret) (routerclient.Client, error) {
		connected = append(connected, router.Spec.Address)
		return &obliging{rack: r, name: router.Name}, nil
	}
	first := newRouter("edge-000", "192.0.2.1")
	r.run(time.Second)
	second := newRouter(first.Name, "192.0.2.2")
	second.UID = "second"
	if err := r.Client.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := r.Client.Create(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	r.due[second.Name] = r.clock.Now()
	r.run(time.Millisecond)
	if want := []string{"192.0.2.1", "192.0.2.2"}; !slices.Equal(connected, want) {
		t.Errorf("connected to %v, want %v", connected, want)
	}
	if got := r.polls(second.Name, r.clock.Now().Add(-time.Millisecond)); got != 1 {
		t.Errorf("%d polls of the second, want 1 at once", got)
	}
}

// TestJoiningInAStorm: a router that takes its time is asked for the first of many nodes at once, and then once for all
// that came meanwhile.
func TestJoiningInAStorm(t *testing.T) {
	r := newRack(t, 1)
	r.takes = 200 * time.Millisecond
	r.run(time.Minute)
	joined := r.clock.Now()
	for i := range 50 {
		r.Waiting.Wait(fmt.Sprint("node ", i), []string{"edge-000"}, r.clock.Now())
		r.run(100 * time.Millisecond)
	}
	if got := r.polls("edge-000", joined); got < 4 || got > 6 {
		t.Errorf("%d polls while nodes joined for five seconds", got)
	}
}

// TestOneCommandAtATime: a router that hangs, or prints without end, is asked one thing at a time, and each poll rids it of
// its command.
func TestOneCommandAtATime(t *testing.T) {
	for name, fault := range map[string]routertest.Handler{
		"hangs": routertest.Stall(`{"default":`), "floods": routertest.Flood(-1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			running, most := 0, 0
			ended := make(chan struct{}, polls)
			server := routertest.NewServer(t, routertest.Options{Handler: func(ctx context.Context, command string, stdout, stderr io.Writer) int {
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				defer func() {
					mu.Lock()
					defer mu.Unlock()
					running--
					ended <- struct{}{}
				}()
				return fault(ctx, command, stdout, stderr)
			}})
			r := reconciler(t, clock.RealClock{})
			r.Connect = connect.Router
			askRepeatedly(t, r, server, ended)
			server.Close()
			if got := len(server.Commands()); got != polls || most != 1 {
				t.Errorf("%d commands, at most %d at once", got, most)
			}
		})
	}
}

// polls is how often askRepeatedly has a router polled.
const polls = 3

// askRepeatedly reconciles the router of a server as the work queue does, one time after the other, until it was polled
// several times. After each poll its command must end.
func askRepeatedly(t *testing.T, r *routerpoll.Reconciler, server *routertest.Server, ended <-chan struct{}) {
	t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: r.Namespace, Name: "edge"}, Data: map[string][]byte{
		"username": []byte("peergate"), "password": []byte("peergate"), "known_hosts": server.KnownHosts(),
	}}
	if err := r.Client.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	router := newRouter("edge", server.Addr())
	router.Spec.Poll.Timeout.Duration, router.Spec.Poll.FastInterval.Duration = 200*time.Millisecond, time.Millisecond
	router.Spec.Poll.Interval.Duration = time.Millisecond
	if err := r.Client.Create(t.Context(), router); err != nil {
		t.Fatal(err)
	}
	for over := 0; over < polls; {
		if _, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: types.NamespacedName{Name: router.Name}}); err != nil {
			t.Fatal(err)
		}
		for ; over < len(server.Commands()); over++ {
			select {
			case <-ended:
			case <-time.After(10 * time.Second):
				t.Fatal("the router still runs the command of a poll that is over")
			}
		}
	}
}
