package routerpoll

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/bmpstation"
)

// Streams is which routers tell of their sessions by themselves.
type Streams interface {
	// State returns what is known of a router's streams. It is not ok if none is expected.
	State(router string) (state bmpstation.State, ok bool)
	// OnChange sets the function that is told of each router that has told of something, or whose stream began or ended.
	OnChange(func(router string))
}

const (
	// gatherReports is how long a router's report waits for others that come with it, to be confirmed by one poll.
	gatherReports = 20 * time.Millisecond
	// streamGrace is how long a stream may be away before the router's condition says so: a router connects anew within
	// seconds of an end, such as that of the manager that led before.
	streamGrace = 30 * time.Second
)

// pollWhenTold asks a router when it has told of something by itself, or does so no more.
func (r *Reconciler) pollWhenTold(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	if r.Streams != nil {
		r.Streams.OnChange(func(router string) {
			queue.AddAfter(reconcile.Request{NamespacedName: types.NamespacedName{Name: router}}, gatherReports)
		})
	}
	return nil
}

func (r *Reconciler) stream(router string) (state bmpstation.State, expected bool) {
	if r.Streams == nil {
		return state, false
	}
	return r.Streams.State(router)
}

// confirmAt is when to ask a router that has told of something since its last answer. It is not ok if it has not.
func (r *Reconciler) confirmAt(router *v1alpha1.BGPRouter) (at time.Time, ok bool) {
	state, _ := r.stream(router.Name)
	askedAt := r.Table.Summary(router.Name).AskedAt
	if !state.HeardAt.After(askedAt) {
		return time.Time{}, false
	}
	at = askedAt.Add(router.Spec.Poll.FastInterval.Duration)
	if at.Before(state.HeardAt) {
		at = state.HeardAt
	}
	return at, true
}

// untilGraceEnds is how long the condition of a router without a stream stays what it was, or 0.
func (r *Reconciler) untilGraceEnds(router *v1alpha1.BGPRouter) time.Duration {
	state, expected := r.stream(router.Name)
	if !expected || state.Connections > 0 {
		return 0
	}
	return max(streamGrace-r.Clock.Since(state.Since), 0)
}

// setBMPConnected brings the condition up to date in the router, and leaves it what it was while nothing is known yet.
func (r *Reconciler) setBMPConnected(router *v1alpha1.BGPRouter) {
	state, expected := r.stream(router.Name)
	c := metav1.Condition{Type: v1alpha1.ConditionBMPConnected, ObservedGeneration: router.Generation}
	switch {
	case router.Spec.BMP == nil:
		meta.RemoveStatusCondition(&router.Status.Conditions, c.Type)
		return
	case !expected || r.untilGraceEnds(router) > 0:
		return
	case state.Connections > 0:
		c.Status, c.Reason, c.Message = metav1.ConditionTrue, v1alpha1.ReasonBMPStreaming, "The router tells of its sessions by itself."
	default:
		c.Status, c.Reason, c.Message = metav1.ConditionFalse, state.Reason, state.Message
	}
	meta.SetStatusCondition(&router.Status.Conditions, c)
}

// soonest is the shortest of delays of which 0 means never.
func soonest(delays ...time.Duration) (first time.Duration) {
	for _, d := range delays {
		if d > 0 && (first == 0 || d < first) {
			first = d
		}
	}
	return first
}
