package expressions_test

import (
	"testing"

	celtypes "github.com/google/cel-go/common/types"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/version"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/cel/environment"

	"github.com/peergate/peergate/api/v1alpha1"
)

// identityPolicy compiles the policy that holds nodes to their own.
func identityPolicy(t *testing.T, of *version.Version) plugincel.ConditionEvaluator {
	t.Helper()
	policy := the[admissionv1.ValidatingAdmissionPolicy](t, manifests(t, "default"), "ValidatingAdmissionPolicy", "node-identity.peergate.dev")
	c := compiler(t, of)
	for _, v := range policy.Spec.Variables {
		result := c.CompileAndStoreVariable(&validating.Variable{Name: v.Name, Expression: v.Expression}, withAuthorizer, environment.NewExpressions)
		if result.Error != nil {
			t.Errorf("variable %s: %v", v.Name, result.Error)
		}
	}
	conditions(t, c, policy.Spec.MatchConditions)
	var validations []plugincel.ExpressionAccessor
	for _, v := range policy.Spec.Validations {
		validations = append(validations, &validating.ValidationCondition{Expression: v.Expression})
	}
	return compiled(t, c, validations)
}

// TestHeartbeatIsCheap: each heartbeat of each kubelet is held against the policy, and a node may fill its own Node.
func TestHeartbeatIsCheap(t *testing.T) {
	policy := identityPolicy(t, environment.DefaultCompatibilityVersion())
	kubelet := &user.DefaultInfo{Name: "system:node:n", Groups: []string{"system:nodes"}}
	changes := map[string]struct {
		change  func(*corev1.Node)
		allowed bool
	}{
		"a heartbeat":   {func(n *corev1.Node) { n.Status.Conditions[0].LastHeartbeatTime = metav1.Now() }, true},
		"a note":        {func(n *corev1.Node) { metav1.SetMetaDataAnnotation(&n.ObjectMeta, "example.org/note", "bye") }, true},
		"its exemption": {func(n *corev1.Node) { metav1.SetMetaDataAnnotation(&n.ObjectMeta, v1alpha1.AnnotationExempt, "me") }, false},
		"its address": {func(n *corev1.Node) {
			metav1.SetMetaDataAnnotation(&n.ObjectMeta, v1alpha1.AnnotationBGPAddress, "::1")
		}, false},
		"its confirmation":     {func(n *corev1.Node) { metav1.SetMetaDataAnnotation(&n.ObjectMeta, v1alpha1.AnnotationConfirmedAt, "") }, false},
		"its reopening":        {func(n *corev1.Node) { metav1.SetMetaDataAnnotation(&n.ObjectMeta, v1alpha1.AnnotationReopenedAt, "") }, false},
		"its release":          {func(n *corev1.Node) { n.Spec.Taints = n.Spec.Taints[:len(n.Spec.Taints)-1] }, false},
		"what the router says": {func(n *corev1.Node) { n.Status.Conditions[1].Status = corev1.ConditionTrue }, false},
	}
	for what, node := range crowdedNodes() {
		t.Run(what, func(t *testing.T) {
			for name, test := range changes {
				changed := node.DeepCopy()
				test.change(changed)
				allowed := true
				for _, result := range evaluate(t, policy, update(kubelet, node, changed), mostCost) {
					if result.Error != nil {
						t.Errorf("%s: %v", name, result.Error)
					}
					allowed = allowed && result.EvalResult == celtypes.True
				}
				if allowed != test.allowed {
					t.Errorf("%s, by a node itself: allowed %t, want %t", name, allowed, test.allowed)
				}
			}
		})
	}
}
