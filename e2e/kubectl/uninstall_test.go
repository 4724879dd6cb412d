package kubectl_test

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/internal/uninstall"
)

var ownTaint = corev1.Taint{Key: story.Taint, Effect: corev1.TaintEffectNoSchedule}

// TestUninstall: nothing of Peergate stays on any node, with a manager that runs and without one; and nothing of anybody
// else is gone.
func TestUninstall(t *testing.T) {
	for name, without := range map[string]func(*story.Story, func()){
		"with the manager":    func(_ *story.Story, f func()) { f() },
		"without the manager": (*story.Story).WithoutManager,
	} {
		t.Run(name, func(t *testing.T) {
			s := story.Own(t, install.Options{}).New(t)
			router := s.NewRouter()
			router.Set("192.168.36.1", "Established")
			s.Policy()
			s.Declare(router)
			nodes := []string{"confirmed", "held", "exempt"}
			for i, node := range nodes {
				s.Join(node, []string{"192.168.36.1", "192.168.36.2", "192.168.36.3"}[i])
			}
			s.EventuallySays("confirmed", corev1.ConditionTrue, "SessionEstablished")
			s.EventuallyOpen("confirmed")
			s.EventuallySays("held", corev1.ConditionFalse, "NeighborNotConfigured")
			if err := s.PatchNode(s.Client, "exempt", func(n *corev1.Node) {
				story.Annotate(v1alpha1.AnnotationExempt, "storage")(n)
				story.Annotate("example.org/note", "kept")(n)
				n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: "example.org/gpu", Effect: corev1.TaintEffectNoSchedule})
			}); err != nil {
				t.Fatal(err)
			}
			s.EventuallySays("exempt", corev1.ConditionTrue, "Exempt")

			root := admin(s)
			root.expects(1, []string{"not confirmed; nothing was changed"}, "uninstall")
			without(s, func() { uninstalled(s, root, nodes) })
		})
	}
}

func uninstalled(s *story.Story, root person, nodes []string) {
	s.Helper()
	reader := user(s, "reader", "peergate-cli")
	reader.expects(1, []string{"you lack the verb patch on nodes", "the verb delete on mutatingwebhookconfigurations.admissionregistration.k8s.io"}, "uninstall", "--yes")
	root.expects(0, []string{
		"mutatingwebhookconfiguration/peergate would be deleted", "peeringpolicy/" + s.ID + " would be deleted",
		"node/held: taint, condition BGPPeered would be removed",
		"node/confirmed: condition BGPPeered, annotation peergate.dev/confirmed-at would be removed",
	}, "uninstall", "--dry-run")
	if !story.Tainted(s.Node("held")) {
		s.Fatal("the dry run has released a node")
	}
	root.expects(0, []string{
		"mutatingwebhookconfiguration/peergate deleted", "peeringpolicy/" + s.ID + " deleted", "The nodes are clean.",
		"kubectl delete --ignore-not-found -k config/default",
	}, "uninstall", "--yes")
	for _, name := range nodes {
		if left := uninstall.TraceOn(s.Node(name), ownTaint); left.Any() {
			s.Errorf("on node %s stays: %s", name, left)
		}
	}
	if err := kept(s.Node("exempt")); err != nil {
		s.Errorf("on node exempt, %v", err)
	}
	s.Join("afterwards", "192.168.36.4")
	if left := uninstall.TraceOn(s.Node("afterwards"), ownTaint); left.Any() {
		s.Errorf("a node that joined afterwards has: %s", left)
	}
	root.expects(0, []string{"The nodes are clean."}, "uninstall", "--yes")
}

// kept says what of others is gone.
func kept(n *corev1.Node) error {
	if n.Annotations["example.org/note"] != "kept" {
		return errors.New("the annotation of somebody else is gone")
	}
	for _, t := range n.Spec.Taints {
		if t.Key == "example.org/gpu" {
			return nil
		}
	}
	return errors.New("the taint of somebody else is gone")
}
