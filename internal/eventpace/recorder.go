// Package eventpace spreads the Events of Nodes over time. When thousands of nodes are released at once, an Event each
// would be every third write to the API server, and keep nodes closed for what nobody reads meanwhile: the condition says
// the same.
package eventpace

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/reference"
	"k8s.io/client-go/util/flowcontrol"
)

const (
	// perSecond Events are recorded in the long run, burst of them at once.
	perSecond = 20
	burst     = 50
	// inStorm is the time between two Events for as long as more than perSecond come, and abated how long those must have
	// stayed away before that is over.
	inStorm = 500 * time.Millisecond
	abated  = time.Second
	// maxQueued bounds those that wait for their turn. What comes then is not recorded.
	maxQueued = 20_000
)

// Recorder records Events through another recorder: those of Nodes in their order, some of them later; all others at
// once. An Event has the time at which it is recorded.
type Recorder struct {
	next    events.EventRecorder
	scheme  *runtime.Scheme
	limiter flowcontrol.RateLimiter
	queue   chan *event

	coming flowcontrol.RateLimiter
	// stormed is when more than perSecond last came.
	stormed atomic.Pointer[time.Time]
}

// event is what Eventf was called with. It holds a reference and not the object, which may be large.
type event struct {
	regarding            runtime.Object
	kind, reason, action string
	note                 string
}

// New returns a Recorder, which must be started. The scheme knows the kinds of the objects that Events are about.
func New(next events.EventRecorder, scheme *runtime.Scheme) *Recorder {
	r := &Recorder{
		next: next, scheme: scheme, limiter: flowcontrol.NewTokenBucketRateLimiter(perSecond, burst), queue: make(chan *event, maxQueued),
		coming: flowcontrol.NewTokenBucketRateLimiter(perSecond, perSecond),
	}
	r.stormed.Store(&time.Time{})
	return r
}

var _ events.EventRecorder = (*Recorder)(nil)

// Eventf does not wait. related is not used.
func (r *Recorder) Eventf(regarding, _ runtime.Object, kind, reason, action, note string, args ...any) {
	e := &event{regarding: regarding, kind: kind, reason: reason, action: action, note: fmt.Sprintf(note, args...)}
	if _, node := regarding.(*corev1.Node); !node {
		r.record(e)
		return
	}
	if !r.coming.TryAccept() {
		r.stormed.Store(new(time.Now()))
	}
	if len(r.queue) == 0 && r.limiter.TryAccept() {
		r.record(e)
		return
	}
	if ref, err := reference.GetReference(r.scheme, regarding); err == nil {
		e.regarding = ref
	}
	select {
	case r.queue <- e:
	default:
	}
}

// Start records what waits for its turn, until ctx is done.
func (r *Recorder) Start(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-r.queue:
			if r.limiter.Wait(ctx) != nil || r.waitInStorm(ctx) != nil {
				return nil
			}
			r.record(e)
		}
	}
}

// waitInStorm waits until the storm has abated, for inStorm at most.
func (r *Recorder) waitInStorm(ctx context.Context) error {
	for end := time.Now().Add(inStorm); ; {
		now := time.Now()
		wait := min(r.stormed.Load().Add(abated).Sub(now), end.Sub(now))
		if wait <= 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (r *Recorder) record(e *event) {
	r.next.Eventf(e.regarding, nil, e.kind, e.reason, e.action, "%s", e.note)
}
