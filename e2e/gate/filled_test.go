package gate_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

// TestFilledNode: with more annotations than the API server's own expressions look at, the same is refused, and the same
// allowed.
func TestFilledNode(t *testing.T) {
	const name = "filled"
	s := suite.New(t)
	s.Policy(holdAll)
	s.Declare(s.NewRouter())
	s.Join(name, "192.168.12.1")
	s.EventuallySays(name, corev1.ConditionFalse, "NeighborNotConfigured")
	judy := s.NodeEditor("judy")
	filling := func(n *corev1.Node) {
		for i := range 1500 {
			story.Annotate(fmt.Sprint("example.org/", i), "")(n)
		}
	}
	if err := s.PatchNode(judy, name, filling); err != nil {
		t.Fatal(err)
	}

	exempting := story.Annotate(v1alpha1.AnnotationExempt, "because I say so")
	if err := refused(s.PatchNode(judy, name, exempting), lacksVerb("judy")); err != nil {
		t.Errorf("exempting, by a person without the right: %v", err)
	}
	if err := refused(s.PatchNode(judy, name, untaint), lacksVerb("judy")); err != nil {
		t.Errorf("removing the taint, by a person without the right: %v", err)
	}
	if err := refused(s.PatchNodeStatus(s.Kubelet(name), name, exempting), nodesMayNotAnnotate); err != nil {
		t.Errorf("exempting, by the node itself: %v", err)
	}
	if err := s.PatchNode(judy, name, func(n *corev1.Node) { n.Labels["example.org/rack"] = "7" }); err != nil {
		t.Errorf("labelling: %v", err)
	}
	if err := s.Kubelets().PostStatus(s.Context(), name); err != nil {
		t.Errorf("a heartbeat: %v", err)
	}
	joe := s.NodeEditor("joe", "peergate-exempter")
	if err := s.PatchNode(joe, name, exempting); err != nil {
		t.Errorf("exempting, by a person with the right: %v", err)
	}
	s.EventuallyOpen(name)
}
