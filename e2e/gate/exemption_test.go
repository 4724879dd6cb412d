package gate_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

// register creates a Node as a person who prepares it for its kubelet does.
func register(s *story.Story, c client.Client, name string, annotations map[string]string) error {
	s.Helper()
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: name, Labels: map[string]string{story.Label: s.ID}, Annotations: annotations,
	}}
	s.Cleanup(func() {
		if err := s.Client.Delete(context.Background(), node); client.IgnoreNotFound(err) != nil {
			s.Error(err)
		}
	})
	return c.Create(s.Context(), node)
}

func TestExemptFromItsFirstWrite(t *testing.T) {
	s := suite.New(t)
	s.Policy(holdAll)
	joe := s.NodeEditor("joe", "peergate-exempter")
	writes := s.WatchNode("exempt-born")
	exemption := map[string]string{v1alpha1.AnnotationExempt: "the control plane takes no traffic"}
	if err := register(s, joe, "exempt-born", exemption); err != nil {
		t.Fatal(err)
	}
	s.Join("exempt-born", "192.168.10.1")
	s.EventuallySays("exempt-born", corev1.ConditionTrue, "Exempt")
	last := s.Node("exempt-born").ResourceVersion
	for node := range writes {
		if story.Tainted(node) {
			t.Fatalf("resource version %s of the node is tainted", node.ResourceVersion)
		}
		if node.ResourceVersion == last {
			break
		}
	}
	if message := story.Condition(s.Node("exempt-born")).Message; !strings.Contains(message, "the control plane takes no traffic") {
		t.Errorf("the condition does not say why: %s", message)
	}
}

func TestExemptAtCreationNeedsTheVerb(t *testing.T) {
	s := suite.New(t)
	jane := s.NodeEditor("jane")
	for _, annotation := range []string{v1alpha1.AnnotationExempt, v1alpha1.AnnotationBGPAddress} {
		err := register(s, jane, "exempt-not", map[string]string{annotation: "192.168.10.2"})
		if err := refused(err, lacksVerb("jane")); err != nil {
			t.Errorf("creating a node with %s: %v", annotation, err)
		}
	}
	err := s.Client.Get(s.Context(), client.ObjectKey{Name: "exempt-not"}, &corev1.Node{})
	if !apierrors.IsNotFound(err) {
		t.Errorf("reading the node that was refused: %v, want not found", err)
	}
	writes := s.WatchNode("exempt-plain")
	if err := register(s, jane, "exempt-plain", nil); err != nil {
		t.Fatalf("creating a node without annotations: %v", err)
	}
	if !story.Tainted(<-writes) {
		t.Error("a node that a person created is not tainted")
	}
}

// TestConfirmationIsNotRestored: a backup brings what was true of another node.
func TestConfirmationIsNotRestored(t *testing.T) {
	s := suite.New(t)
	joe := s.NodeEditor("joe", "peergate-exempter")
	restored := map[string]string{v1alpha1.AnnotationConfirmedAt: "2026-03-01T12:00:00Z"}
	writes := s.WatchNode("restored")
	if err := register(s, joe, "restored", restored); err != nil {
		t.Fatal(err)
	}
	node := <-writes
	if at, ok := node.Annotations[v1alpha1.AnnotationConfirmedAt]; ok || !story.Tainted(node) {
		t.Errorf("confirmed at %q and taints %v, want no confirmation and the taint", at, node.Spec.Taints)
	}
}

// TestExemptByAnnotation needs no router, as an exemption is for the hour in which none answers.
func TestExemptByAnnotation(t *testing.T) {
	s := suite.New(t)
	s.Policy(holdAll)
	joe := s.NodeEditor("joe", "peergate-exempter")
	s.Join("exempt-later", "192.168.10.3")
	s.EventuallySays("exempt-later", corev1.ConditionUnknown, "NoRouter")

	for _, empty := range []string{"", " "} {
		if err := s.PatchNode(joe, "exempt-later", story.Annotate(v1alpha1.AnnotationExempt, empty)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PatchNode(joe, "exempt-later", story.Annotate(v1alpha1.AnnotationExempt, "router is in repair")); err != nil {
		t.Fatal(err)
	}
	s.EventuallyOpen("exempt-later")
	s.EventuallySays("exempt-later", corev1.ConditionTrue, "Exempt")
	if note := s.EventuallyTold("Node", "exempt-later", "Exempt"); !strings.Contains(note, "router is in repair") {
		t.Errorf("the Event does not say why: %s", note)
	}

	if err := s.PatchNode(joe, "exempt-later", story.Unannotate(v1alpha1.AnnotationExempt)); err != nil {
		t.Fatal(err)
	}
	s.EventuallyTainted("exempt-later")
	s.EventuallySays("exempt-later", corev1.ConditionUnknown, "NoRouter")
}

// TestExemptNeedsAReason: an annotation without a reason is none, at creation and later.
func TestExemptNeedsAReason(t *testing.T) {
	s := suite.New(t)
	s.Policy(holdAll)
	joe := s.NodeEditor("joe", "peergate-exempter")
	for i, reason := range []string{"", " ", "\n"} {
		name := fmt.Sprintf("exempt-why-%d", i)
		writes := s.WatchNode(name)
		if err := register(s, joe, name, map[string]string{v1alpha1.AnnotationExempt: reason}); err != nil {
			t.Fatal(err)
		}
		if !story.Tainted(<-writes) {
			t.Errorf("reason %q at creation exempts until the controller looks", reason)
		}
		s.EventuallySays(name, corev1.ConditionUnknown, "NoRouter")
		if !story.Tainted(s.Node(name)) {
			t.Errorf("reason %q exempts", reason)
		}
	}
}

func TestSessionFromAnotherAddress(t *testing.T) {
	s := suite.New(t)
	s.Policy(holdAll)
	router := s.NewRouter()
	router.Set("10.77.0.5", "Established")
	s.Declare(router)
	joe := s.NodeEditor("joe", "peergate-exempter")
	annotate := func(addresses string) {
		t.Helper()
		if err := s.PatchNode(joe, "elsewhere", story.Annotate(v1alpha1.AnnotationBGPAddress, addresses)); err != nil {
			t.Fatal(err)
		}
	}
	s.Join("elsewhere", "192.168.11.1")
	s.EventuallySays("elsewhere", corev1.ConditionFalse, "NeighborNotConfigured")

	const typo = "10.77.0.500"
	annotate("fd00::5, " + typo)
	s.EventuallySays("elsewhere", corev1.ConditionUnknown, "NoAddress")
	for _, words := range []string{v1alpha1.AnnotationBGPAddress, typo, "not a list of IP addresses"} {
		if message := story.Condition(s.Node("elsewhere")).Message; !strings.Contains(message, words) {
			t.Errorf("the condition does not say %q: %s", words, message)
		}
	}
	if !story.Tainted(s.Node("elsewhere")) {
		t.Error("an address that cannot be read opened the node")
	}
	s.EventuallyTold("Node", "elsewhere", "NoAddress")

	annotate("fd00::5, 10.77.0.5")
	s.EventuallyOpen("elsewhere")
	s.EventuallySays("elsewhere", corev1.ConditionTrue, "SessionEstablished")
	if message := story.Condition(s.Node("elsewhere")).Message; !strings.Contains(message, "10.77.0.5") {
		t.Errorf("the condition does not name the address: %s", message)
	}

	router.Set("192.168.11.1", "Established")
	router.Set("10.77.0.5", "Idle")
	s.EventuallySays("elsewhere", corev1.ConditionFalse, "SessionDown")
}
