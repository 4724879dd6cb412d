package expressions_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/admission"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/cel/environment"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

const (
	// What the API server lets a Node hold: 256 KiB of annotations, which is so many if their keys have three letters and
	// their values none; and of taints as many as make up a request of 3 MiB.
	mostAnnotations = 256 << 10 / 3
	mostTaints      = 80_000
	// mostCost is a tenth of what conditions may cost.
	mostCost = celconfig.RuntimeCELCostBudgetMatchConditions / 10
	// costOfAuthorizer is what the API server counts for the question of who may.
	costOfAuthorizer = 350_000
)

// rights authorizes one user for the verb exempt, and nobody for anything else.
type rights struct{ exempter string }

func (r rights) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	if a.GetUser().GetName() == r.exempter && a.GetVerb() == v1alpha1.VerbExempt && a.GetAPIGroup() == v1alpha1.GroupVersion.Group {
		return authorizer.DecisionAllow, "", nil
	}
	return authorizer.DecisionNoOpinion, "", nil
}

// guard is the shipped webhook, as the API server sees it.
type guard struct {
	conditions plugincel.ConditionEvaluator
	matcher    matchconditions.Matcher
}

func newGuard(t *testing.T) guard {
	t.Helper()
	configuration := the[admissionv1.ValidatingWebhookConfiguration](t, manifests(t, "default"), "ValidatingWebhookConfiguration", "peergate")
	i := slices.IndexFunc(configuration.Webhooks, func(w admissionv1.ValidatingWebhook) bool { return w.Name == "node-guard.peergate.dev" })
	webhook := configuration.Webhooks[i]
	evaluator := conditions(t, compiler(t, environment.DefaultCompatibilityVersion()), webhook.MatchConditions)
	return guard{evaluator, matchconditions.NewMatcher(evaluator, webhook.FailurePolicy, "webhook", "validating", webhook.Name)}
}

// update is a write to a Node, as admission sees it.
func update(by user.Info, before, after *corev1.Node) *admission.VersionedAttributes {
	kind, resource := corev1.SchemeGroupVersion.WithKind("Node"), corev1.SchemeGroupVersion.WithResource("nodes")
	attributes := &admission.VersionedAttributes{
		Attributes: admission.NewAttributesRecord(after, before, kind, "", after.Name, resource, "", admission.Update,
			&metav1.UpdateOptions{}, false, by),
		VersionedKind: kind,
	}
	attributes.VersionedObject.Set(after)
	attributes.VersionedOldObject.Set(before)
	return attributes
}

// evaluate evaluates expressions as the API server does, and fails if they cost more than most.
func evaluate(t *testing.T, of plugincel.ConditionEvaluator, write *admission.VersionedAttributes, most int64) []plugincel.EvaluationResult {
	t.Helper()
	request := plugincel.CreateAdmissionRequest(write, metav1.GroupVersionResource(write.GetResource()), metav1.GroupVersionKind(write.GetKind()))
	bindings := plugincel.OptionalVariableBindings{Authorizer: rights{exempter: "joe"}}
	results, left, err := of.ForInput(t.Context(), write, request, bindings, nil, celconfig.RuntimeCELCostBudget)
	if err != nil {
		t.Fatal(err)
	}
	if cost := celconfig.RuntimeCELCostBudget - left; cost > most {
		t.Errorf("the expressions cost %d, want at most %d whatever the Node holds", cost, most)
	}
	return results
}

// asked is true if the API server asks the guard about an update of a Node by a user.
func (g guard) asked(t *testing.T, by string, before, after *corev1.Node) bool {
	t.Helper()
	write := update(&user.DefaultInfo{Name: by}, before, after)
	evaluate(t, g.conditions, write, mostCost+costOfAuthorizer)
	result := g.matcher.Match(t.Context(), write, nil, rights{exempter: "joe"})
	if result.Error != nil {
		t.Fatal(result.Error)
	}
	return result.Matches
}

// TestGuardCannotBeTired: the API server bounds what a condition costs, and passes over a webhook with failurePolicy
// Ignore if one costs more. Whoever may edit Nodes can make one that looks at every annotation cost what they like.
func TestGuardCannotBeTired(t *testing.T) {
	g := newGuard(t)
	nodes := crowdedNodes()
	changes := map[string]func(*corev1.Node){
		"exempting": func(n *corev1.Node) { metav1.SetMetaDataAnnotation(&n.ObjectMeta, v1alpha1.AnnotationExempt, "please") },
		"readdressing": func(n *corev1.Node) {
			metav1.SetMetaDataAnnotation(&n.ObjectMeta, v1alpha1.AnnotationBGPAddress, "192.0.2.1")
		},
		"confirming": func(n *corev1.Node) {
			metav1.SetMetaDataAnnotation(&n.ObjectMeta, v1alpha1.AnnotationConfirmedAt, "now")
		},
		"removing the taint":  func(n *corev1.Node) { n.Spec.Taints = n.Spec.Taints[:len(n.Spec.Taints)-1] },
		"weakening the taint": func(n *corev1.Node) { n.Spec.Taints[len(n.Spec.Taints)-1].Effect = corev1.TaintEffectPreferNoSchedule },
	}
	for what, node := range nodes {
		t.Run(what, func(t *testing.T) {
			for change, apply := range changes {
				changed := node.DeepCopy()
				apply(changed)
				if !g.asked(t, "jane", node, changed) {
					t.Errorf("%s, by a person without the right, passes unasked", change)
				}
				if g.asked(t, "joe", node, changed) {
					t.Errorf("%s, by a person with the right, is asked about", change)
				}
			}
		})
	}

	plain := nodes["an ordinary node"]
	cordoned := plain.DeepCopy()
	cordoned.Spec.Unschedulable = true
	cordoned.Annotations["example.org/note"] = "bye"
	if g.asked(t, "jane", plain, cordoned) {
		t.Error("what is not Peergate's is asked about")
	}
}

// crowdedNodes are held nodes, by what they hold besides.
func crowdedNodes() map[string]*corev1.Node {
	long := string(make([]byte, 200<<10))
	nodes := map[string]*corev1.Node{
		"an ordinary node":             {ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"example.org/note": "hello"}}},
		"a node full of annotations":   {ObjectMeta: metav1.ObjectMeta{Annotations: manyAnnotations()}},
		"a node full of taints":        {Spec: corev1.NodeSpec{Taints: manyTaints()}},
		"a node with one long note":    {ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"n": long}}},
		"a node with long own remarks": {ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{v1alpha1.AnnotationPrefix + "n": long}}},
	}
	for _, node := range nodes {
		node.Name = "n"
		node.Spec.Taints = append(node.Spec.Taints, corev1.Taint{Key: story.Taint, Effect: corev1.TaintEffectNoSchedule})
		node.Status.Conditions = []corev1.NodeCondition{
			{Type: corev1.NodeReady, Status: corev1.ConditionTrue}, {Type: v1alpha1.NodeConditionBGPPeered, Status: corev1.ConditionFalse},
		}
	}
	return nodes
}

func manyAnnotations() map[string]string {
	annotations := make(map[string]string, mostAnnotations)
	for i := range mostAnnotations {
		annotations[strconv.Itoa(i)] = ""
	}
	return annotations
}

func manyTaints() []corev1.Taint {
	taints := make([]corev1.Taint, 0, mostTaints)
	for i := range mostTaints {
		taints = append(taints, corev1.Taint{Key: fmt.Sprint("k", i), Effect: corev1.TaintEffectNoSchedule})
	}
	return taints
}
