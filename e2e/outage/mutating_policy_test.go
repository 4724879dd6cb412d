package outage_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/kubelet"
	"github.com/peergate/peergate/e2e/story"
)

// TestTaintedByTheAPIServer: with the component, nodes are held from their first write while no pod of Peergate runs.
func TestTaintedByTheAPIServer(t *testing.T) {
	s := story.Own(t, install.Options{Overlay: "testdata/mutating-admission-policy"}).New(t)
	router := s.NewRouter()
	s.Declare(router)
	s.Policy()

	both := s.Follow("both")
	s.Join("both", "192.168.25.1")
	s.EventuallySays("both", corev1.ConditionFalse, "NeighborNotConfigured")
	expectTaints(t, both, shipped(true))

	if err := s.Peergate.Stop(); err != nil {
		t.Fatal(err)
	}
	plain, laden := s.Follow("plain"), s.Follow("laden")
	s.Join("plain", "192.168.25.2")
	gpu := corev1.Taint{Key: "example.net/gpu", Value: "only", Effect: corev1.TaintEffectNoExecute}
	s.Join("laden", "192.168.25.3", func(n *kubelet.Node) {
		n.Taints = []corev1.Taint{gpu}
		n.Annotations = map[string]string{
			v1alpha1.AnnotationExempt: "because I say so", "example.net/rack": "7",
			v1alpha1.AnnotationConfirmedAt: "2026-11-23T00:00:00Z", v1alpha1.AnnotationReopenedAt: "2026-11-23T00:00:00Z",
		}
	})
	expectTaints(t, plain, shipped(false))
	expectTaints(t, laden, gpu, shipped(false))
	filled := s.Follow("filled")
	s.Join("filled", "192.168.25.4", func(n *kubelet.Node) {
		n.Annotations = map[string]string{v1alpha1.AnnotationExempt: "because I say so"}
		for i := range 1500 {
			n.Annotations[fmt.Sprint("example.net/", i)] = ""
		}
	})
	expectTaints(t, filled, shipped(false))
	if _, ok := s.Node("filled").Annotations[v1alpha1.AnnotationExempt]; ok {
		t.Error("a node with many annotations brought an exemption of its own")
	}
	for key := range s.Node("laden").Annotations {
		if strings.HasPrefix(key, v1alpha1.AnnotationPrefix) {
			t.Errorf("a node brought annotation %s of its own", key)
		}
	}
	if got := s.Node("laden").Annotations["example.net/rack"]; got != "7" {
		t.Errorf("annotation example.net/rack is %q, want it as the node brought it", got)
	}
	expectExemption(s)

	if _, err := s.Peergate.StartReplica(t.Context()); err != nil {
		t.Fatal(err)
	}
	router.Set("192.168.25.2", "Established")
	s.EventuallyOpen("plain")
}

// shipped is the taint, as it is compared: with a time or without.
func shipped(timed bool) corev1.Taint {
	taint := corev1.Taint{Key: story.Taint, Effect: corev1.TaintEffectNoSchedule}
	if timed {
		taint.TimeAdded = &metav1.Time{}
	}
	return taint
}

// expectTaints expects that the node's first write had them, before the node lifecycle controller added its own.
func expectTaints(t *testing.T, h *story.History, want ...corev1.Taint) {
	t.Helper()
	first := h.States()[0]
	found := map[string]corev1.Taint{}
	for _, taint := range first.Spec.Taints {
		found[taint.Key] = taint
	}
	for _, w := range want {
		got, ok := found[w.Key]
		if !ok || got.Value != w.Value || got.Effect != w.Effect || (got.TimeAdded != nil) != (w.TimeAdded != nil) {
			t.Errorf("the first write of node %s has taints %v, want %v among them", first.Name, first.Spec.Taints, w)
		}
	}
}

// expectExemption expects that people who may still exempt a node at its creation.
func expectExemption(s *story.Story) {
	s.Helper()
	for name, roles := range map[string][]string{"storage": {"peergate-exempter"}, "not-storage": nil} {
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
			Name: name, Annotations: map[string]string{v1alpha1.AnnotationExempt: "storage only"},
		}}
		if err := s.NodeEditor("editor-of-"+name, roles...).Create(s.Context(), node); err != nil {
			s.Fatal(err)
		}
		if got, want := story.Tainted(node), roles == nil; got != want {
			s.Errorf("node %s, created by somebody with the ClusterRoles %v, is tainted: %t, want %t", name, roles, got, want)
		}
	}
}
