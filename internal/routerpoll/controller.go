// Package routerpoll asks each router for its BGP sessions, often while a node waits for it and seldom otherwise, and
// puts the answers into the session table.
package routerpoll

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/logging"
	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/specchange"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/internal/waitlist"
	"github.com/peergate/peergate/routerclient"
)

// maxConcurrentPolls bounds how many routers are asked at the same time. A poll mostly waits, for a router that does
// not answer as long as its timeout, and must not keep others waiting.
const maxConcurrentPolls = 64

// statusRetry is when a status that could not be written is written again, at the latest.
const statusRetry = 5 * time.Second

// Reconciler asks routers. The work queue hands it one router at a time, so that no router is ever asked two questions
// at once.
type Reconciler struct {
	Client client.Client
	// Secrets reads Secrets in Namespace.
	Secrets   client.Reader
	Namespace string
	Recorder  events.EventRecorder
	Table     *sessiontable.Table
	Waiting   *waitlist.List
	Clock     clock.PassiveClock
	// Streams is which routers tell of their sessions by themselves; nil if none can.
	Streams Streams
	// Connect makes the client of a router. It sends nothing yet.
	Connect func(*v1alpha1.BGPRouter, *corev1.Secret) (routerclient.Client, error)

	mu      sync.Mutex
	targets map[string]*target
}

// target is what is kept of a router between polls.
type target struct {
	client routerclient.Client
	spec   specchange.Version
	secret string

	nextPoll time.Time
	// restsUntil is until when the router is left alone, whoever begins to wait for it.
	restsUntil time.Time
	// answered is true once the router has given this process an answer.
	answered bool
	failures int
	failure  verdict.Failure
	// stray is how many of the router's neighbors are no node, as it was at strayAt.
	stray   int32
	strayAt time.Time
	// told is the reason of condition Reachable that was last told of: the cache may not have seen that write yet.
	told string
}

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("routerpoll").
		For(&v1alpha1.BGPRouter{}, builder.WithPredicates(specchange.Predicate())).
		Watches(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(r.routersOfSecret)).
		WatchesRawSource(source.Func(r.pollWhenANodeWaits)).
		WatchesRawSource(source.Func(r.pollWhenTold)).
		WithOptions(controller.Options{MaxConcurrentReconciles: maxConcurrentPolls}).
		WithLogConstructor(logging.Constructor(mgr.GetLogger(), "routerpoll", "router")).
		Complete(r)
}

// pollWhenANodeWaits asks a router at once when a node begins to wait for it.
func (r *Reconciler) pollWhenANodeWaits(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	r.Waiting.OnWait(func(router string) {
		queue.Add(reconcile.Request{NamespacedName: types.NamespacedName{Name: router}})
	})
	return nil
}

func (r *Reconciler) routersOfSecret(ctx context.Context, secret client.Object) []reconcile.Request {
	var routers v1alpha1.BGPRouterList
	if err := r.Client.List(ctx, &routers); err != nil {
		log.FromContext(ctx).Error(err, "Listing the routers that use a Secret", "secret", secret.GetName())
		return nil
	}
	var requests []reconcile.Request
	for _, router := range routers.Items {
		if router.Spec.CredentialsSecretRef.Name == secret.GetName() {
			requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Name: router.Name}})
		}
	}
	return requests
}

// Reconcile asks the router if it is due, and brings its status up to date.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var router v1alpha1.BGPRouter
	if err := r.Client.Get(ctx, req.NamespacedName, &router); err != nil {
		if apierrors.IsNotFound(err) {
			r.forget(req.Name)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("reading BGPRouter %s: %w", req.Name, err)
	}
	t := r.target(router.Name)
	configured := r.configure(ctx, &router, t)
	switch {
	case configured != nil:
	case r.due(&router, t):
		if !r.poll(ctx, &router, t) {
			return ctrl.Result{RequeueAfter: time.Millisecond}, nil
		}
	case t.failures > 0:
		// What brought it here may be that the last answer has grown stale.
		r.Table.Fail(router.Name, t.failure, r.Clock.Now())
	}
	err := r.writeStatus(ctx, &router, t)
	again := r.lookAgain(&router, t, configured == nil)
	if err != nil {
		// Returned, it would put off the next question as well, ever longer while the API server is away.
		log.FromContext(ctx).Error(err, "The status is written again later")
		again = soonest(again, statusRetry)
	}
	return ctrl.Result{RequeueAfter: again}, nil
}

// lookAgain is when to reconcile the router again if nothing else asks for it; 0 is never. Without usable credentials
// only a change of the router or of its Secret helps, and brings it back by itself.
func (r *Reconciler) lookAgain(router *v1alpha1.BGPRouter, t *target, usable bool) time.Duration {
	stale, grace := r.untilStale(router), r.untilGraceEnds(router)
	if !usable {
		return soonest(stale, grace)
	}
	now := r.Clock.Now()
	next := soonest(max(t.nextPoll.Sub(now), time.Millisecond), grace)
	if t.failures > 0 {
		return soonest(next, stale)
	}
	if at, ok := r.confirmAt(router); ok {
		next = min(next, max(at.Sub(now), time.Millisecond))
	}
	if at, ok := r.wantedAt(router, t); ok {
		next = min(next, max(at.Sub(now), time.Millisecond))
	}
	return next
}

// wantedAt is when to ask a router for a node that has begun to wait since its last answer was asked for. It is not ok if
// none has.
func (r *Reconciler) wantedAt(router *v1alpha1.BGPRouter, t *target) (at time.Time, ok bool) {
	since, waiting := r.Waiting.Newest(router.Name)
	return t.restsUntil, waiting && since.After(r.Table.Summary(router.Name).AskedAt)
}

// untilStale is how long the router's newest answer, or what it told by itself, still counts, or 0 if nothing does. The
// table notices that it has become too old at the next failure, which after a refused login is minutes away, and without
// usable credentials never comes.
func (r *Reconciler) untilStale(router *v1alpha1.BGPRouter) time.Duration {
	now := r.Clock.Now()
	// Both still count at the very age of staleAfter. A zero time is long ago.
	answer := r.Table.Summary(router.Name).AskedAt.Add(router.Spec.Poll.StaleAfter.Duration + 1)
	return soonest(answer.Sub(now), r.Table.ReportsUntil(router.Name).Add(1).Sub(now))
}

func (r *Reconciler) target(name string) *target {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.targets == nil {
		r.targets = map[string]*target{}
	}
	if r.targets[name] == nil {
		r.targets[name] = &target{}
	}
	return r.targets[name]
}

func (r *Reconciler) forget(name string) {
	t := r.target(name)
	t.close()
	r.mu.Lock()
	delete(r.targets, name)
	r.mu.Unlock()
	r.Table.Forget(name)
	metrics.ForgetRouter(name)
}

func (t *target) close() {
	if t.client != nil {
		// The connection is given up either way; there is nobody to tell that it did not end well.
		_ = t.client.Close()
		t.client = nil
	}
}

// due is true if the router is to be asked now: its time has come, or a node has begun to wait for it since the last
// poll was scheduled. A router that fails is asked when its time comes, whoever waits.
func (r *Reconciler) due(router *v1alpha1.BGPRouter, t *target) bool {
	now := r.Clock.Now()
	if !now.Before(t.nextPoll) {
		return true
	}
	if t.failures > 0 {
		return false
	}
	if at, ok := r.confirmAt(router); ok && !now.Before(at) {
		return true
	}
	at, ok := r.wantedAt(router, t)
	return ok && !now.Before(at)
}

// poll asks the router once. It returns false, and forgets what it heard, if that came too late to count.
func (r *Reconciler) poll(ctx context.Context, router *v1alpha1.BGPRouter, t *target) bool {
	spec := router.Spec.Poll
	pollCtx, cancel := context.WithTimeout(ctx, spec.Timeout.Duration)
	defer cancel()
	askedAt := r.Clock.Now()
	snapshot, err := t.client.Snapshot(pollCtx)
	answeredAt := r.Clock.Now()
	if ctx.Err() != nil || r.edited(ctx, router) {
		return false
	}
	if err != nil {
		r.fail(ctx, router, t, err)
	} else {
		t.failures = 0
		metrics.RouterAnswered(router.Name, answeredAt.Sub(askedAt))
		log.FromContext(ctx).V(1).Info("Router answered", "sessions", len(snapshot.Sessions), "took", answeredAt.Sub(askedAt).String())
		r.Table.Record(router.Name, sessiontable.Answer{
			Snapshot: snapshot, VRF: router.Spec.VRF,
			AskedAt: askedAt, AnsweredAt: answeredAt, StaleAfter: spec.StaleAfter.Duration,
		})
	}
	t.restsUntil = answeredAt.Add(Rest(spec, answeredAt.Sub(askedAt)))
	waited := time.Duration(-1)
	// A router that tells by itself when a session comes up need not be asked often for it.
	stream, _ := r.stream(router.Name)
	if since, waiting := r.Waiting.Newest(router.Name); waiting && !stream.Telling {
		waited = answeredAt.Sub(since)
	}
	delay := jitter(Delay(spec, waited, t.failures, t.failure.Reason))
	if !t.answered && t.failures == 0 {
		// A new leader has just asked all routers at once.
		delay, t.answered = time.Duration(rand.Float64()*float64(delay)), true
	}
	if t.nextPoll = askedAt.Add(delay); t.nextPoll.Before(t.restsUntil) {
		t.nextPoll = t.restsUntil
	}
	return true
}

// edited is true if the router's spec is no longer what it was when it was asked, or nothing at all: what it answers may be
// another router's, or of another VRF.
func (r *Reconciler) edited(ctx context.Context, router *v1alpha1.BGPRouter) bool {
	var current v1alpha1.BGPRouter
	if err := r.Client.Get(ctx, client.ObjectKeyFromObject(router), &current); err != nil {
		return apierrors.IsNotFound(err)
	}
	return specchange.VersionOf(&current) != specchange.VersionOf(router)
}

// jitter takes up to a tenth off a delay, so that hundreds of routers are not all asked in the same second, and a
// twentieth in any case: that is for the writes, so that the node whose session came up just after an answer is open
// within the interval.
func jitter(d time.Duration) time.Duration {
	return d - d/20 - time.Duration(rand.Float64()*float64(d)/10)
}

func (r *Reconciler) fail(ctx context.Context, router *v1alpha1.BGPRouter, t *target, err error) {
	reason := routerclient.ReasonOf(err)
	// The words of one failure differ from poll to poll, in port numbers and the like; for the same reason the first
	// stand, so that a router that stays away costs no writes.
	if t.failures == 0 || t.failure.Reason != reason {
		t.failure = verdict.Failure{Reason: reason, Message: explain(router, err)}
	}
	t.failures++
	metrics.RouterFailed(router.Name, t.failure.Reason)
	log.FromContext(ctx).V(1).Info("Router gave no answer", "reason", t.failure.Reason, "failures", t.failures)
	r.Table.Fail(router.Name, t.failure, r.Clock.Now())
}

// explain is the message of a failed poll, with the field to change where that is the router's own.
func explain(router *v1alpha1.BGPRouter, err error) string {
	if routerclient.ReasonOf(err) == routerclient.ReasonTimeout {
		return fmt.Sprintf("%s (spec.poll.timeout is %s)", err, router.Spec.Poll.Timeout.Duration)
	}
	return err.Error()
}
