package nodelifecycle

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/sessiontable"
)

// TestCountingSeesNobody: a Node that follows another of the same name is noticed by who decides about it, and not by who
// only counts it meanwhile.
func TestCountingSeesNobody(t *testing.T) {
	node := func(uid types.UID) *corev1.Node {
		return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1", UID: uid}}
	}
	objects := policyAndRouter()
	r := &Reconciler{
		Client: fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(objects...).WithObjects(node("second")).Build(),
		Table:  sessiontable.New(), Clock: clocktesting.NewFakePassiveClock(now),
	}
	r.seen.at(node("first"), now)
	if _, err := r.Census(t.Context(), objects[0].(*v1alpha1.PeeringPolicy)); err != nil {
		t.Fatal(err)
	}
	if !r.seen.another(node("second")) {
		t.Error("the second Node is taken for the first")
	}
}

// TestGraceByOwnClock: how long a node has been lost is read from its condition once, and counted from then on by a clock
// that nobody sets.
func TestGraceByOwnClock(t *testing.T) {
	r := &Reconciler{Clock: clock.RealClock{}}
	start := r.Clock.Now()
	lost := lostNodes(start, 1)[0].(*corev1.Node)
	r.seen.at(lost, start)
	first := r.describe(lost, start, start).UnpeeredSince
	if got := start.Sub(first); got < time.Hour-2*time.Second || got > time.Hour {
		t.Errorf("lost for %s, want an hour", got)
	}
	if !strings.Contains(first.String(), " m=") {
		t.Errorf("since %s, which is a time of the wall clock alone", first)
	}
	if later := r.describe(lost, start, start.Add(time.Minute)).UnpeeredSince; !later.Equal(first) {
		t.Errorf("since %s, a minute later since %s", first, later)
	}
	lost.Status.Conditions[0].LastTransitionTime = metav1.NewTime(start)
	if again := start.Sub(r.describe(lost, start, start).UnpeeredSince); again > 0 {
		t.Errorf("lost again just now, and for %s", again)
	}
}
