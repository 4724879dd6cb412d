package chaos_test

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

// newNode is a node with the taint, created at noon.
func newNode(change ...func(*corev1.Node)) *corev1.Node {
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: "n1", UID: "first", CreationTimestamp: metav1.NewTime(noon),
		Labels: map[string]string{rackLabel: "a"}, Annotations: map[string]string{},
	}}
	n.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.0.2.1"}}
	n.Spec.Taints = []corev1.Taint{{Key: "example.org/other", Effect: corev1.TaintEffectNoSchedule}}
	for _, f := range append([]func(*corev1.Node){tainted(0)}, change...) {
		f(n)
	}
	return n
}

func tainted(second int) func(*corev1.Node) {
	return func(n *corev1.Node) {
		added := metav1.NewTime(at(second))
		n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{
			Key: story.Taint, Effect: corev1.TaintEffectNoSchedule, TimeAdded: &added,
		})
	}
}

func untainted(n *corev1.Node) { n.Spec.Taints = n.Spec.Taints[:1] }

func withoutTaints(n *corev1.Node) { n.Spec.Taints = nil }

func annotated(key, value string) func(*corev1.Node) {
	return func(n *corev1.Node) { n.Annotations[key] = value }
}

func named(name string) func(*corev1.Node) {
	return func(n *corev1.Node) { n.Name, n.UID = name, types.UID(name) }
}

// falseSince20 is a node whose condition became False at second 20.
func falseSince20(n *corev1.Node) {
	n.Status.Conditions = []corev1.NodeCondition{{
		Type: v1alpha1.NodeConditionBGPPeered, Status: corev1.ConditionFalse, LastTransitionTime: metav1.NewTime(at(20)),
	}}
}

// TestAuditor: an auditor that misses a breach makes chaos prove nothing.
func TestAuditor(t *testing.T) {
	up, down := map[string]bool{"192.0.2.1": true}, map[string]bool{}
	confirmed := annotated(v1alpha1.AnnotationConfirmedAt, "2026-11-23T12:00:10Z")
	lost := []*corev1.Node{newNode(confirmed, untainted, falseSince20), newNode(confirmed, untainted, tainted(30), falseSince20)}
	tests := map[string]struct {
		said []answer
		// states are those of node n1, 20 seconds apart from noon on.
		states []*corev1.Node
		// others are nodes that are there besides.
		others []*corev1.Node
		want   string
	}{
		"released as it should": {
			said:   []answer{{at(19), up}},
			states: []*corev1.Node{newNode(), newNode(untainted, confirmed)},
		},
		"released, and never asked": {
			states: []*corev1.Node{newNode(), newNode(untainted, confirmed)},
			want:   "only 0 routers",
		},
		"released on an answer from before its creation": {
			said:   []answer{{at(-1), up}},
			states: []*corev1.Node{newNode(), newNode(untainted, confirmed)},
			want:   "only 0 routers",
		},
		"released on an answer that has grown stale": {
			said:   []answer{{at(1), up}},
			states: []*corev1.Node{newNode(), newNode(untainted, confirmed)},
			want:   "only 0 routers",
		},
		"released against what the router says": {
			said:   []answer{{at(19), down}},
			states: []*corev1.Node{newNode(), newNode(untainted, confirmed)},
			want:   "only 0 routers",
		},
		"released without confirmation": {
			said:   []answer{{at(19), up}},
			states: []*corev1.Node{newNode(), newNode(untainted)},
			want:   "not confirmed in the same write",
		},
		"confirmed without release": {
			said:   []answer{{at(19), up}},
			states: []*corev1.Node{newNode(), newNode(confirmed)},
			want:   "the taint stays",
		},
		"confirmed anew": {
			said:   []answer{{at(19), up}},
			states: []*corev1.Node{newNode(untainted, confirmed), newNode(untainted, annotated(v1alpha1.AnnotationConfirmedAt, "now"))},
			want:   "changed from",
		},
		"another's taint goes with ours": {
			said:   []answer{{at(19), up}},
			states: []*corev1.Node{newNode(), newNode(withoutTaints, confirmed)},
			want:   "what is not Peergate's",
		},
		"a competitor takes all taints": {
			states: []*corev1.Node{newNode(), newNode(withoutTaints, annotated(marker, "1"))},
		},
		"exempt, released unasked": {
			states: []*corev1.Node{newNode(annotated(v1alpha1.AnnotationExempt, "drill")), newNode(untainted, annotated(v1alpha1.AnnotationExempt, "drill"))},
		},
		"exempt, tainted": {
			states: []*corev1.Node{newNode(untainted, annotated(v1alpha1.AnnotationExempt, "drill")), newNode(annotated(v1alpha1.AnnotationExempt, "drill"))},
			want:   "though it is exempt",
		},
		"lost as it should": {
			said:   []answer{{at(19), down}},
			states: lost,
			others: []*corev1.Node{newNode(named("n2")), newNode(named("n3")), newNode(named("n4"))},
		},
		"lost while the router says that it is up": {
			said:   []answer{{at(19), up}},
			states: lost,
			others: []*corev1.Node{newNode(named("n2")), newNode(named("n3")), newNode(named("n4"))},
			want:   "only 0 of 1 routers",
		},
		"lost while the router is silent": {
			states: lost,
			others: []*corev1.Node{newNode(named("n2")), newNode(named("n3")), newNode(named("n4"))},
			want:   "only 0 of 1 routers",
		},
		"lost within the grace": {
			said:   []answer{{at(19), down}},
			states: []*corev1.Node{newNode(confirmed, untainted, falseSince20), newNode(confirmed, untainted, tainted(24), falseSince20)},
			want:   "within the grace period",
		},
		"lost, and never said so": {
			said:   []answer{{at(19), down}},
			states: []*corev1.Node{newNode(confirmed, untainted), newNode(confirmed, untainted, tainted(30))},
			want:   "did not say so before",
		},
		"too many lost": {
			said:   []answer{{at(19), down}},
			states: lost,
			want:   "maxUnpeered allows 0",
		},
		"created confirmed": {
			others: []*corev1.Node{newNode(named("n2"), confirmed)},
			want:   "created confirmed",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			router := &answers{all: test.said}
			a := newAuditor(rules{
				grace: 5 * time.Second, window: 5 * time.Second, maxUnpeered: 25, needed: 1,
				racks: map[string][]*answers{"a": {router}},
			})
			got := ""
			for _, n := range test.others {
				if err := a.see(write{at: noon, name: n.Name, node: n}); err != nil {
					got += err.Error()
				}
			}
			for i, n := range test.states {
				if i == 0 {
					a.nodes[n.Name] = n
					continue
				}
				if err := a.see(write{at: at(20 * i), name: n.Name, node: n}); err != nil {
					got += err.Error()
				}
			}
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("the auditor says %q, want %q", got, test.want)
			}
		})
	}
}
