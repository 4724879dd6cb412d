package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	ignore = admissionv1.Ignore
	fail   = admissionv1.Fail
)

// webhook is what the mutating and the validating kind have in common.
type webhook struct {
	Path           string
	Rules          []admissionv1.RuleWithOperations
	FailurePolicy  admissionv1.FailurePolicyType
	TimeoutSeconds int32
	SideEffects    admissionv1.SideEffectClass
	MatchPolicy    admissionv1.MatchPolicyType
	Versions       []string
	Conditions     []string
	Service        admissionv1.ServiceReference
}

func webhooksOf(t *testing.T, all objects) map[string]webhook {
	t.Helper()
	webhooks := map[string]webhook{}
	for _, w := range find[*admissionv1.MutatingWebhookConfiguration](t, all, "peergate").Webhooks {
		webhooks[w.Name] = newWebhook(admissionv1.ValidatingWebhook{
			ClientConfig: w.ClientConfig, Rules: w.Rules, FailurePolicy: w.FailurePolicy, TimeoutSeconds: w.TimeoutSeconds,
			SideEffects: w.SideEffects, MatchPolicy: w.MatchPolicy, AdmissionReviewVersions: w.AdmissionReviewVersions,
			MatchConditions: w.MatchConditions,
		})
	}
	for _, w := range find[*admissionv1.ValidatingWebhookConfiguration](t, all, "peergate").Webhooks {
		webhooks[w.Name] = newWebhook(w)
	}
	return webhooks
}

func newWebhook(w admissionv1.ValidatingWebhook) webhook {
	common := webhook{
		Path: *w.ClientConfig.Service.Path, Rules: w.Rules, FailurePolicy: *w.FailurePolicy,
		TimeoutSeconds: *w.TimeoutSeconds, SideEffects: *w.SideEffects, MatchPolicy: *w.MatchPolicy,
		Versions: w.AdmissionReviewVersions, Service: *w.ClientConfig.Service,
	}
	for _, condition := range w.MatchConditions {
		common.Conditions = append(common.Conditions, condition.Name)
	}
	return common
}

func rule(group, version, resource string, operations ...admissionv1.OperationType) []admissionv1.RuleWithOperations {
	cluster := admissionv1.ClusterScope
	return []admissionv1.RuleWithOperations{{
		Operations: operations,
		Rule: admissionv1.Rule{
			APIGroups: []string{group}, APIVersions: []string{version}, Resources: []string{resource}, Scope: &cluster,
		},
	}}
}

func designedWebhooks(onNodes admissionv1.FailurePolicyType) map[string]webhook {
	designed := map[string]webhook{
		"node-taint.peergate.dev": {
			Path: "/mutate--v1-node", FailurePolicy: onNodes, TimeoutSeconds: 2,
			Rules: rule("", "v1", "nodes", admissionv1.Create),
		},
		"node-guard.peergate.dev": {
			Path: "/validate--v1-node", FailurePolicy: onNodes, TimeoutSeconds: 2,
			Rules:      rule("", "v1", "nodes", admissionv1.Update),
			Conditions: []string{"taint-or-annotation-changed", "without-the-right"},
		},
		"bgprouter.peergate.dev": {
			Path: "/validate-peergate-dev-v1alpha1-bgprouter", FailurePolicy: fail, TimeoutSeconds: 5,
			Rules: rule("peergate.dev", "v1alpha1", "bgprouters", admissionv1.Create, admissionv1.Update),
		},
		"peeringpolicy.peergate.dev": {
			Path: "/validate-peergate-dev-v1alpha1-peeringpolicy", FailurePolicy: fail, TimeoutSeconds: 5,
			Rules: rule("peergate.dev", "v1alpha1", "peeringpolicies", admissionv1.Create, admissionv1.Update),
		},
	}
	for name, w := range designed {
		w.SideEffects, w.MatchPolicy, w.Versions = admissionv1.SideEffectClassNone, admissionv1.Equivalent, []string{"v1"}
		designed[name] = w
	}
	return designed
}

func TestWebhooksAreScopedAsDesigned(t *testing.T) {
	onNodes := map[string]admissionv1.FailurePolicyType{
		"default": ignore, "overlays/fail-closed": fail,
		"testdata/mutating-admission-policy": ignore, "testdata/network-policy": ignore, "testdata/tolerate-speakers": ignore, "testdata/bmp": ignore,
	}
	for _, dir := range kustomizations {
		t.Run(dir, func(t *testing.T) {
			got := webhooksOf(t, render(t, dir))
			if diff := cmp.Diff(designedWebhooks(onNodes[dir]), got, cmpopts.IgnoreFields(webhook{}, "Service")); diff != "" {
				t.Errorf("webhooks (-want +got):\n%s", diff)
			}
		})
	}
}

// The fail-closed overlay is a patch that merges by name; if it ever replaced the lists, or missed, this shows it.
func TestFailClosedChangesNothingButTheFailurePolicy(t *testing.T) {
	open, closed := render(t, "default"), render(t, "overlays/fail-closed")
	ignored := cmp.Options{
		cmpopts.IgnoreFields(admissionv1.MutatingWebhook{}, "FailurePolicy"),
		cmpopts.IgnoreFields(admissionv1.ValidatingWebhook{}, "FailurePolicy"),
	}
	byIdentity := cmpopts.SortSlices(func(a, b client.Object) bool { return identity(a) < identity(b) })
	if diff := cmp.Diff(open, closed, ignored, byIdentity); diff != "" {
		t.Errorf("fail-closed changes more than the failure policies (-default +overlay):\n%s", diff)
	}
}

func identity(object client.Object) string {
	return object.GetObjectKind().GroupVersionKind().String() + "/" + object.GetNamespace() + "/" + object.GetName()
}

func TestTaintIsPutBackAfterOtherMutations(t *testing.T) {
	configuration := find[*admissionv1.MutatingWebhookConfiguration](t, render(t, "default"), "peergate")
	for _, w := range configuration.Webhooks {
		if w.ReinvocationPolicy == nil || *w.ReinvocationPolicy != admissionv1.IfNeededReinvocationPolicy {
			t.Errorf("webhook %s is not called again after a later mutation", w.Name)
		}
	}
}

// A write to nodes/status may carry annotations, and the guard's webhook does not see those.
func TestNodeIdentityPolicyCoversStatusAndFailsClosed(t *testing.T) {
	all := render(t, "default")
	policy := find[*admissionv1.ValidatingAdmissionPolicy](t, all, "node-identity.peergate.dev")
	if got := *policy.Spec.FailurePolicy; got != fail {
		t.Errorf("failurePolicy is %s, want %s", got, fail)
	}
	cluster := admissionv1.ClusterScope
	want := []admissionv1.NamedRuleWithOperations{{RuleWithOperations: admissionv1.RuleWithOperations{
		Operations: []admissionv1.OperationType{admissionv1.Create, admissionv1.Update},
		Rule: admissionv1.Rule{
			APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"nodes", "nodes/status"},
			Scope: &cluster,
		},
	}}}
	if diff := cmp.Diff(want, policy.Spec.MatchConstraints.ResourceRules); diff != "" {
		t.Errorf("resourceRules (-want +got):\n%s", diff)
	}
	binding := find[*admissionv1.ValidatingAdmissionPolicyBinding](t, all, "node-identity.peergate.dev")
	wantBinding := admissionv1.ValidatingAdmissionPolicyBindingSpec{
		PolicyName: policy.Name, ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny},
	}
	if diff := cmp.Diff(wantBinding, binding.Spec); diff != "" {
		t.Errorf("binding (-want +got):\n%s", diff)
	}
}

// The key of the taint is written out in YAML and in CEL, where no variable reaches.
func TestTaintKeyIsTheSameEverywhere(t *testing.T) {
	all := render(t, "testdata/mutating-admission-policy")
	quoted := "'" + managerTaint(t, all).Key + "'"
	policy := find[*admissionv1.ValidatingAdmissionPolicy](t, all, "node-identity.peergate.dev")
	tainting := find[*admissionv1.MutatingAdmissionPolicy](t, all, "node-taint.peergate.dev")
	expressions := map[string]string{
		"node-identity.peergate.dev": policy.Spec.Validations[1].Expression,
		"node-taint.peergate.dev":    tainting.Spec.Mutations[1].JSONPatch.Expression,
	}
	for _, w := range find[*admissionv1.ValidatingWebhookConfiguration](t, all, "peergate").Webhooks {
		if w.Name == "node-guard.peergate.dev" {
			expressions[w.Name] = w.MatchConditions[0].Expression
		}
	}
	for name, expression := range expressions {
		if !strings.Contains(expression, quoted) {
			t.Errorf("%s does not guard the taint %s of the manager:\n%s", name, quoted, expression)
		}
	}
}
