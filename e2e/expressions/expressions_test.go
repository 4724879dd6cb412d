// Package expressions_test holds the expressions of the shipped manifests, which are CEL and run inside the API server,
// against the oldest Kubernetes that is supported, and against what the API server lets an expression cost.
package expressions_test

import (
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/version"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/util/compatibility"
	basecompatibility "k8s.io/component-base/compatibility"

	"github.com/peergate/peergate/e2e/controlplane"
	"github.com/peergate/peergate/e2e/controlplane/build"
)

// oldest is the version whose language the expressions must keep to: Kubernetes 1.30 takes no new expression that 1.29
// would not understand, so that it can be rolled back to that.
var oldest = version.MajorMinor(1, 29)

// manifests are what a kustomization below config/ installs.
func manifests(t *testing.T, overlay string) []*unstructured.Unstructured {
	t.Helper()
	directory, err := build.Config(overlay)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := controlplane.Kustomize(directory)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// the returns the one object of a kind with a name.
func the[T any](t *testing.T, objects []*unstructured.Unstructured, kind, name string) *T {
	t.Helper()
	for _, object := range objects {
		if object.GetKind() == kind && object.GetName() == name {
			return typed[T](t, object)
		}
	}
	t.Fatalf("no %s %s", kind, name)
	return nil
}

func typed[T any](t *testing.T, object *unstructured.Unstructured) *T {
	t.Helper()
	out := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestDefinitionsAreUnderstoodByTheOldest: one rule that it does not know, and it refuses the whole definition.
func TestDefinitionsAreUnderstoodByTheOldest(t *testing.T) {
	kube := compatibility.DefaultComponentGlobalsRegistry.EffectiveVersionFor(basecompatibility.DefaultKubeComponent).(basecompatibility.MutableEffectiveVersion)
	today := kube.MinCompatibilityVersion()
	kube.SetMinCompatibilityVersion(oldest)
	t.Cleanup(func() { kube.SetMinCompatibilityVersion(today) })
	if got := environment.DefaultCompatibilityVersion(); !got.EqualTo(oldest) {
		t.Fatalf("expressions are compiled for %s: this test tests nothing", got)
	}
	found := 0
	for _, object := range manifests(t, "default") {
		if object.GetKind() != "CustomResourceDefinition" {
			continue
		}
		found++
		definition := typed[apiextensionsv1.CustomResourceDefinition](t, object)
		apiextensionsv1.SetDefaults_CustomResourceDefinition(definition)
		apiextensionsv1.SetDefaults_CustomResourceDefinitionSpec(&definition.Spec)
		internal := &apiextensions.CustomResourceDefinition{}
		if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(definition, internal, nil); err != nil {
			t.Fatal(err)
		}
		internal.Status.StoredVersions = []string{definition.Spec.Versions[0].Name}
		for _, err := range validation.ValidateCustomResourceDefinition(t.Context(), internal) {
			t.Errorf("%s: %v", object.GetName(), err)
		}
	}
	if found == 0 {
		t.Error("no definition is shipped")
	}
}

// compiler compiles conditions and policies as an API server does that is given new ones.
func compiler(t *testing.T, of *version.Version) *plugincel.CompositedCompiler {
	t.Helper()
	c, err := plugincel.NewCompositedCompiler(environment.MustBaseEnvSet(of))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var withAuthorizer = plugincel.OptionalVariableDeclarations{HasAuthorizer: true}

// conditions compiles match conditions, of a webhook or a policy.
func conditions(t *testing.T, c plugincel.ConditionCompiler, all []admissionv1.MatchCondition) plugincel.ConditionEvaluator {
	t.Helper()
	accessors := make([]plugincel.ExpressionAccessor, len(all))
	for i := range all {
		accessors[i] = (*matchconditions.MatchCondition)(&all[i])
	}
	return compiled(t, c, accessors)
}

func compiled(t *testing.T, c plugincel.ConditionCompiler, all []plugincel.ExpressionAccessor) plugincel.ConditionEvaluator {
	t.Helper()
	evaluator := c.CompileCondition(all, withAuthorizer, environment.NewExpressions)
	for _, err := range evaluator.CompilationErrors() {
		t.Error(err)
	}
	return evaluator
}

func TestConditionsAreUnderstoodByTheOldest(t *testing.T) {
	found := 0
	for _, overlay := range []string{"default", "testdata/tolerate-speakers"} {
		for _, object := range manifests(t, overlay) {
			var all []admissionv1.MatchCondition
			switch object.GetKind() {
			case "MutatingWebhookConfiguration":
				for _, w := range typed[admissionv1.MutatingWebhookConfiguration](t, object).Webhooks {
					all = append(all, w.MatchConditions...)
				}
			case "ValidatingWebhookConfiguration":
				for _, w := range typed[admissionv1.ValidatingWebhookConfiguration](t, object).Webhooks {
					all = append(all, w.MatchConditions...)
				}
			}
			found += len(all)
			conditions(t, compiler(t, oldest), all)
		}
	}
	if found == 0 {
		t.Error("no condition is shipped")
	}
}

func TestPolicyIsUnderstoodByTheOldest(t *testing.T) {
	identityPolicy(t, oldest)
}
