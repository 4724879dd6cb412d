package gate_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/kubelet"
	"github.com/peergate/peergate/e2e/story"
)

// What the words of a refusal must contain for a person to know what to do.
const (
	nodesMayNotAnnotate = "a node may not write annotations with prefix peergate.dev/"
	nodesMayNotUntaint  = "is not allowed to modify taints" // by NodeRestriction, which comes first
	nodesMayNotJudge    = "a node may not write its condition BGPPeered"
	nobodyThroughStatus = "nobody may write them through nodes/status"
)

// lacksVerb is what a person without the right is told.
func lacksVerb(user string) string {
	return fmt.Sprintf("user %q lacks the verb %q on peeringpolicies.peergate.dev", user, v1alpha1.VerbExempt)
}

// refused says what is wrong with the answer to a write that must be refused with 403 and words.
func refused(err error, words string) error {
	switch {
	case err == nil:
		return errors.New("it was allowed")
	case !apierrors.IsForbidden(err):
		return fmt.Errorf("it was refused with %d %s, want 403: %w", apierrorCode(err), apierrors.ReasonForError(err), err)
	case !strings.Contains(err.Error(), words):
		return fmt.Errorf("the refusal does not say %q: %w", words, err)
	}
	return nil
}

func apierrorCode(err error) int32 {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return status.Status().Code
	}
	return 0
}

// changeTaint changes Peergate's own taint.
func changeTaint(change func(*corev1.Taint)) func(*corev1.Node) {
	return func(n *corev1.Node) {
		for i := range n.Spec.Taints {
			if n.Spec.Taints[i].Key == story.Taint {
				change(&n.Spec.Taints[i])
			}
		}
	}
}

// untaint removes Peergate's own taint, and keeps those of others.
func untaint(n *corev1.Node) {
	taints := n.Spec.Taints
	n.Spec.Taints = nil
	for _, t := range taints {
		if t.Key != story.Taint {
			n.Spec.Taints = append(n.Spec.Taints, t)
		}
	}
}

// tampering is one change of a node that takes the right to exempt.
type tampering struct {
	what   string
	node   string
	change func(*corev1.Node)
}

func annotationTampering(held, open string) []tampering {
	return []tampering{
		{"exempting", held, story.Annotate(v1alpha1.AnnotationExempt, "because I say so")},
		{"confirming", held, story.Annotate(v1alpha1.AnnotationConfirmedAt, "2026-03-01T12:00:00Z")},
		{"readdressing", held, story.Annotate(v1alpha1.AnnotationBGPAddress, "192.168.6.2")},
		{"removing the address", held, story.Unannotate(v1alpha1.AnnotationBGPAddress)},
		{"setting an annotation to come", held, story.Annotate(v1alpha1.AnnotationPrefix+"to-come", "yes")},
		{"changing the exemption", open, story.Annotate(v1alpha1.AnnotationExempt, "for good")},
		{"removing the exemption", open, story.Unannotate(v1alpha1.AnnotationExempt)},
		{"changing the confirmation", open, story.Annotate(v1alpha1.AnnotationConfirmedAt, "2026-03-01T12:00:00Z")},
		{"removing the confirmation", open, story.Unannotate(v1alpha1.AnnotationConfirmedAt)},
		{"addressing", open, story.Annotate(v1alpha1.AnnotationBGPAddress, "192.168.6.1")},
	}
}

func taintTampering(held string) []tampering {
	return []tampering{
		{"removing the taint", held, untaint},
		{"changing the taint's value", held, changeTaint(func(t *corev1.Taint) { t.Value = "no" })},
		{"changing the taint's effect", held, changeTaint(func(t *corev1.Taint) { t.Effect = corev1.TaintEffectPreferNoSchedule })},
		{"changing the taint's time", held, changeTaint(func(t *corev1.Taint) { t.TimeAdded = &metav1.Time{Time: time.Unix(0, 0)} })},
		{"removing the taint's time", held, changeTaint(func(t *corev1.Taint) { t.TimeAdded = nil })},
	}
}

// conditionTampering would put off the taint of a node that has lost its sessions: the grace period counts from the
// condition's transition.
func conditionTampering(node string) []tampering {
	change := func(change func(*corev1.NodeCondition)) func(*corev1.Node) {
		return func(n *corev1.Node) { change(story.Condition(n)) }
	}
	return []tampering{
		{"saying that it has its sessions", node, change(func(c *corev1.NodeCondition) { c.Status = corev1.ConditionTrue })},
		{"losing them in the future", node, change(func(c *corev1.NodeCondition) { c.LastTransitionTime = metav1.Time{Time: time.Unix(1<<32, 0)} })},
		{"giving another reason", node, change(func(c *corev1.NodeCondition) { c.Reason = "Fine" })},
		{"saying nothing", node, func(n *corev1.Node) {
			n.Status.Conditions = slices.DeleteFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
				return c.Type == v1alpha1.NodeConditionBGPPeered
			})
		}},
	}
}

// guarded is what the guard guards of a node.
func guarded(n *corev1.Node) map[string]any {
	own := map[string]any{}
	for _, t := range n.Spec.Taints {
		if t.Key == story.Taint {
			own["taint"] = t
		}
	}
	for key, value := range n.Annotations {
		if strings.HasPrefix(key, v1alpha1.AnnotationPrefix) {
			own[key] = value
		}
	}
	return own
}

// holdAll is for nodes that join within the second in which the policy was made: no node is newer than that by its
// creationTimestamp.
func holdAll(p *v1alpha1.PeeringPolicySpec) { p.ExistingNodes = v1alpha1.ExistingNodesHold }

// heldAndOpen has two nodes join: one that is held and has a bgp-address, and one that is confirmed and exempt.
func heldAndOpen(s *story.Story, held, open string) {
	s.Helper()
	s.Policy(holdAll)
	router := s.NewRouter()
	router.Set("192.168.6.2", "Established")
	s.Declare(router)
	s.Join(held, "192.168.6.1")
	s.Join(open, "192.168.6.2")
	s.EventuallyOpen(open)
	s.EventuallySays(open, corev1.ConditionTrue, "SessionEstablished")
	for node, change := range map[string]func(*corev1.Node){
		held: story.Annotate(v1alpha1.AnnotationBGPAddress, "192.168.6.1"),
		open: story.Annotate(v1alpha1.AnnotationExempt, "until the maintenance is over"),
	} {
		if err := s.PatchNode(s.Client, node, change); err != nil {
			s.Fatal(err)
		}
	}
	s.EventuallySays(open, corev1.ConditionTrue, "Exempt")
	s.EventuallySays(held, corev1.ConditionFalse, "NeighborNotConfigured")
}

// TestNodeCannotReleaseItself is invariant 5, with the webhooks served and while nobody serves them.
func TestNodeCannotReleaseItself(t *testing.T) {
	s := suite.New(t)
	const held, open = "own-held", "own-open"
	heldAndOpen(s, held, open)
	before := map[string]any{held: guarded(s.Node(held)), open: guarded(s.Node(open))}

	attempt := func(t *testing.T) {
		for _, a := range annotationTampering(held, open) {
			own := s.Kubelet(a.node)
			if err := refused(s.PatchNode(own, a.node, a.change), nodesMayNotAnnotate); err != nil {
				t.Errorf("%s through nodes: %v", a.what, err)
			}
			if err := refused(s.PatchNodeStatus(own, a.node, a.change), nodesMayNotAnnotate); err != nil {
				t.Errorf("%s through nodes/status: %v", a.what, err)
			}
		}
		for _, a := range taintTampering(held) {
			own := s.Kubelet(a.node)
			if err := refused(s.PatchNode(own, a.node, a.change), nodesMayNotUntaint); err != nil {
				t.Errorf("%s through nodes: %v", a.what, err)
			}
			if err := refused(s.PatchNodeStatus(own, a.node, a.change), nodesMayNotUntaint); err != nil {
				t.Errorf("%s through nodes/status: %v", a.what, err)
			}
		}
		for _, a := range conditionTampering(held) {
			if err := refused(s.PatchNodeStatus(s.Kubelet(a.node), a.node, a.change), nodesMayNotJudge); err != nil {
				t.Errorf("%s through nodes/status: %v", a.what, err)
			}
		}
		if err := s.Kubelets().PostStatus(s.Context(), held); err != nil {
			t.Errorf("a heartbeat: %v", err)
		}
		for _, a := range append(annotationTampering(held, open), taintTampering(held)...) {
			neighbor := s.Kubelet("own-neighbor")
			if err := refused(s.PatchNode(neighbor, a.node, a.change), "own-neighbor"); err != nil {
				t.Errorf("%s, by another node's kubelet: %v", a.what, err)
			}
		}
		if diff := cmp.Diff(before, map[string]any{held: guarded(s.Node(held)), open: guarded(s.Node(open))}); diff != "" {
			t.Errorf("the nodes are not as they were (-before +after):\n%s", diff)
		}
	}
	t.Run("with the webhooks", attempt)
	s.WithoutManager(func() { t.Run("without the webhooks", attempt) })
}

// ownExemption is what a kubelet that wants pods at any price would bring.
func ownExemption(n *kubelet.Node) {
	n.Annotations = map[string]string{
		v1alpha1.AnnotationExempt:      "because I say so",
		v1alpha1.AnnotationBGPAddress:  "192.168.7.2",
		v1alpha1.AnnotationConfirmedAt: "2026-03-01T12:00:00Z",
		"example.org/rack":             "7",
	}
}

// TestNodeBringsItsOwnExemption: such a node must register all the same, held and without it.
func TestNodeBringsItsOwnExemption(t *testing.T) {
	s := suite.New(t)
	s.Policy()
	router := s.NewRouter()
	router.Set("192.168.7.2", "Established")
	s.Declare(router)

	writes := s.WatchNode("brings")
	s.Join("brings", "192.168.7.1", ownExemption, func(n *kubelet.Node) {
		n.Taints = []corev1.Taint{
			{Key: story.Taint, Effect: corev1.TaintEffectPreferNoSchedule},
			{Key: "example.org/startup", Effect: corev1.TaintEffectNoExecute},
		}
	})
	first := <-writes
	if diff := cmp.Diff(map[string]string{"example.org/rack": "7"}, first.Annotations); diff != "" {
		t.Errorf("annotations after the first write (-want +got):\n%s", diff)
	}
	var taints []string
	for _, taint := range first.Spec.Taints {
		taints = append(taints, taint.ToString())
	}
	// The API server adds the last one itself.
	want := []string{story.Taint + ":NoSchedule", "example.org/startup:NoExecute", corev1.TaintNodeNotReady + ":NoSchedule"}
	if diff := cmp.Diff(want, taints); diff != "" {
		t.Errorf("taints after the first write (-want +got):\n%s", diff)
	}
	s.EventuallySays("brings", corev1.ConditionFalse, "NeighborNotConfigured")
	if !story.Tainted(s.Node("brings")) {
		t.Error("the node released itself")
	}
}

// TestNodeJoinsWhileTheWebhookIsAway: nodes join without it, but none with its own exemption; and what was missed is
// made good.
func TestNodeJoinsWhileTheWebhookIsAway(t *testing.T) {
	s := suite.New(t)
	s.Policy(holdAll)
	s.Declare(s.NewRouter())
	s.WithoutManager(func() {
		s.Join("away-honest", "192.168.7.11")
		if story.Tainted(s.Node("away-honest")) {
			t.Error("the node is tainted although nobody serves the webhook: this test tests nothing")
		}
		cheat := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
			Name: "away-cheat", Annotations: map[string]string{v1alpha1.AnnotationExempt: "because I say so"},
		}}
		if err := refused(s.Kubelet("away-cheat").Create(s.Context(), cheat), nodesMayNotAnnotate); err != nil {
			t.Errorf("registering with an exemption of its own: %v", err)
		}
	})
	s.EventuallyTainted("away-honest")
}

// TestPeopleNeedTheVerbExempt: the right to edit nodes is not the right to open them.
func TestPeopleNeedTheVerbExempt(t *testing.T) {
	s := suite.New(t)
	const held, open = "people-held", "people-open"
	heldAndOpen(s, held, open)
	jane := s.NodeEditor("jane")
	joe := s.NodeEditor("joe", "peergate-exempter")

	for _, a := range append(annotationTampering(held, open), taintTampering(held)...) {
		if err := refused(s.PatchNode(jane, a.node, a.change), lacksVerb("jane")); err != nil {
			t.Errorf("%s, by a person without the right: %v", a.what, err)
		}
	}
	// In dry runs, as each would change what comes after it.
	for _, a := range append(annotationTampering(held, open), taintTampering(held)...) {
		if err := s.PatchNode(client.NewDryRunClient(joe), a.node, a.change); err != nil {
			t.Errorf("%s, by a person with the right: %v", a.what, err)
		}
	}
	for _, a := range annotationTampering(held, open) {
		if err := refused(s.PatchNodeStatus(joe, a.node, a.change), nobodyThroughStatus); err != nil {
			t.Errorf("%s through nodes/status: %v", a.what, err)
		}
	}

	if err := s.PatchNode(joe, held, untaint); err != nil {
		t.Fatalf("removing the taint, by a person with the right: %v", err)
	}
	s.EventuallyTainted(held)
}

// TestWebhooksAreNotCalledInVain is invariant 6 as the API server counts it: neither a heartbeat, nor what people do to
// nodes every day, nor Peergate's own writes reach a webhook.
func TestWebhooksAreNotCalledInVain(t *testing.T) {
	s := suite.New(t)
	jane := s.NodeEditor("jane")
	s.Policy()
	router := s.NewRouter()
	s.Declare(router)
	calls := func() map[string]int {
		return map[string]int{
			"node-taint": s.WebhookCalls("node-taint.peergate.dev"),
			"node-guard": s.WebhookCalls("node-guard.peergate.dev"),
		}
	}
	grown := func(before map[string]int) map[string]int {
		after := calls()
		for name := range after {
			after[name] -= before[name]
		}
		return after
	}

	before := calls()
	s.Join("daily", "192.168.8.1")
	s.EventuallySays("daily", corev1.ConditionFalse, "NeighborNotConfigured")
	for range 3 {
		if err := s.Kubelets().PostStatus(s.Context(), "daily"); err != nil {
			t.Fatal(err)
		}
	}
	for what, change := range everydayChanges() {
		if err := s.PatchNode(jane, "daily", change); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	router.Set("192.168.8.1", "Established")
	s.EventuallyOpen("daily")
	s.EventuallySays("daily", corev1.ConditionTrue, "SessionEstablished")
	if diff := cmp.Diff(map[string]int{"node-taint": 1, "node-guard": 0}, grown(before)); diff != "" {
		t.Errorf("calls for one node's creation, heartbeats, other changes and release (-want +got):\n%s", diff)
	}

	before = calls()
	exempting := story.Annotate(v1alpha1.AnnotationExempt, "because I say so")
	if err := refused(s.PatchNode(jane, "daily", exempting), lacksVerb("jane")); err != nil {
		t.Errorf("exempting: %v", err)
	}
	if diff := cmp.Diff(map[string]int{"node-taint": 0, "node-guard": 1}, grown(before)); diff != "" {
		t.Errorf("calls for one attempt to exempt, without which the count above proves nothing (-want +got):\n%s", diff)
	}
}

func everydayChanges() map[string]func(*corev1.Node) {
	return map[string]func(*corev1.Node){
		"labelling":  func(n *corev1.Node) { n.Labels["example.org/rack"] = "7" },
		"annotating": story.Annotate("example.org/note", "hello"),
		"cordoning":  func(n *corev1.Node) { n.Spec.Unschedulable = true },
		"tainting": func(n *corev1.Node) {
			n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: "example.org/gpu", Effect: corev1.TaintEffectNoSchedule})
		},
	}
}

// TestNobodysTaintIsLost is invariant 4: on many nodes at once, another controller writes its own taint as fast as it
// can while Peergate releases and taints them.
func TestNobodysTaintIsLost(t *testing.T) {
	const count = 50
	s := suite.New(t)
	s.Policy(func(p *v1alpha1.PeeringPolicySpec) { p.LossGracePeriod, p.MaxUnpeered = &metav1.Duration{}, allNodes() })
	router := s.NewRouter()
	s.Declare(router)
	nodes := map[string]string{}
	for i := range count {
		name, address := fmt.Sprintf("race-%02d", i), fmt.Sprintf("192.168.9.%d", i+1)
		nodes[name] = address
		s.Join(name, address)
	}

	writers, stop := startTogglers(s, nodes)
	for _, change := range []struct {
		state      string
		eventually func(node string)
	}{{"Established", s.EventuallyOpen}, {"Idle", s.EventuallyTainted}} {
		for _, address := range nodes {
			router.Set(address, change.state)
		}
		for name := range nodes {
			change.eventually(name)
		}
	}
	stop()
	writes := 0
	for _, w := range writers {
		writes += w.writes
		if w.err != nil {
			t.Errorf("%s: %v", w.node, w.err)
		}
	}
	t.Logf("the other controller wrote %d times", writes)
	if writes < count {
		t.Errorf("the other controller wrote only %d times on %d nodes: there was no race", writes, count)
	}
}
