package kubectl_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

// TestExempt: a node is freed and taken back by a person with the verb exempt; one without is told what is missing, and
// nothing is changed, although the API server would let the write pass while no webhook is served.
func TestExempt(t *testing.T) {
	s := suite.New(t)
	s.Create(&rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: s.ID},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"nodes"}, Verbs: []string{"get", "list", "patch"}}},
	})
	editor, exempter := user(s, "editor", s.ID), user(s, "exempter", s.ID, "peergate-exempter")
	onlyExempter := user(s, "only-exempter", "peergate-exempter")
	s.Policy()
	s.Declare(s.NewRouter())
	s.Join("storage", "192.168.33.1")
	s.EventuallySays("storage", corev1.ConditionFalse, "NeighborNotConfigured")

	refused := func() {
		editor.expects(1, []string{"you lack the verb exempt on peeringpolicies.peergate.dev (ClusterRole peergate-exempter has it)"},
			"exempt", "storage", "--reason", "because I say so")
		if _, exempt := s.Node("storage").Annotations[v1alpha1.AnnotationExempt]; exempt {
			t.Fatal("the node is exempt all the same")
		}
	}
	refused()
	s.WithoutManager(refused)
	onlyExempter.expects(1, []string{"you lack the verb patch on nodes"}, "exempt", "storage", "--reason", "x")
	exempter.expects(1, []string{"--reason: must not be empty"}, "exempt", "storage", "--reason", " ")
	exempter.expects(1, []string{"reason", "undo"}, "exempt", "storage")
	exempter.expects(1, []string{`reading node nobody`, "not found"}, "exempt", "nobody", "--reason", "x")

	exempter.expects(0, []string{"node/storage is exempt"}, "exempt", "storage", "--reason", "announces nothing")
	s.EventuallyOpen("storage")
	s.EventuallySays("storage", corev1.ConditionTrue, "Exempt")
	admin(s).expects(0, []string{"Exempt: announces nothing", "kubectl peergate exempt storage --undo"}, "explain", "storage")
	exempter.expects(0, []string{"until now it was for: announces nothing"}, "exempt", "storage", "--reason", "still nothing")
	exempter.expects(0, []string{"no longer exempt; it was: still nothing"}, "exempt", "storage", "--undo")
	s.EventuallyNode("storage", "is held again", func(n *corev1.Node) error {
		if !story.Tainted(n) {
			return errOpen
		}
		return nil
	})
	exempter.expects(0, []string{"was not exempt"}, "exempt", "storage", "--undo")
}
