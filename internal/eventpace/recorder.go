// Package eventpace spreads Events over time. When thousands of nodes are released at once, an Event each would be every
// third write to the API server, and keep nodes closed for what nobody reads meanwhile: the condition says the same.
package eventpace

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/reference"
	"k8s.io/client-go/util/flowcontrol"
)

const (
	// perSecond Events are recorded in the long run, burst of them at once.
	perSecond = 20
	burst     = 100
	// maxQueued bounds those that wait for their turn. What comes then is not recorded.
	maxQueued = 20_000
)

// Recorder records Events through another recorder, in their order, some of them later. An Event has the time at which it
// is recorded.
type Recorder struct {
	next    events.EventRecorder
	scheme  *runtime.Scheme
	limiter flowcontrol.RateLimiter
	queue   chan *event
}

// event is what Eventf was called with. It holds a reference and not the object, which may be large.
type event struct {
	regarding            runtime.Object
	kind, reason, action string
	note                 string
}

// New returns a Recorder, which must be started. The scheme knows the kinds of the objects that Events are about.
func New(next events.EventRecorder, scheme *runtime.Scheme) *Recorder {
	return &Recorder{
		next: next, scheme: scheme, limiter: flowcontrol.NewTokenBucketRateLimiter(perSecond, burst), queue: make(chan *event, maxQueued),
	}
}

var _ events.EventRecorder = (*Recorder)(nil)

// Eventf does not wait. related is not used.
func (r *Recorder) Eventf(regarding, _ runtime.Object, kind, reason, action, note string, args ...any) {
	e := &event{regarding: regarding, kind: kind, reason: reason, action: action, note: fmt.Sprintf(note, args...)}
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
			if r.limiter.Wait(ctx) != nil {
				return nil
			}
			r.record(e)
		}
	}
}

func (r *Recorder) record(e *event) {
	r.next.Eventf(e.regarding, nil, e.kind, e.reason, e.action, "%s", e.note)
}
