package doctor_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/access"
	"github.com/peergate/peergate/internal/doctor"
)

var certificateKind = schema.GroupVersionKind{Group: "cert-manager.io", Version: "v1", Kind: "Certificate"}

// source is a cluster with the objects, in which nobody may do what forbidden says.
func source(t *testing.T, forbidden func(verb string, o any) bool, objects ...client.Object) doctor.Source {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	scheme.AddKnownTypeWithName(certificateKind, &unstructured.Unstructured{})
	pools := schema.GroupVersionKind{Group: "karpenter.sh", Version: "v1", Kind: "NodePoolList"}
	scheme.AddKnownTypeWithName(pools, &unstructured.UnstructuredList{})
	refuse := func(verb string, o any) error {
		if forbidden != nil && forbidden(verb, o) {
			return apierrors.NewForbidden(schema.GroupResource{Resource: "x"}, "x", nil)
		}
		return nil
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithInterceptorFuncs(interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if err := refuse("get", o); err != nil {
				return err
			}
			return c.Get(ctx, key, o, opts...)
		},
		List: func(ctx context.Context, c client.WithWatch, o client.ObjectList, opts ...client.ListOption) error {
			if err := refuse("list", o); err != nil {
				return err
			}
			return c.List(ctx, o, opts...)
		},
		Create: func(_ context.Context, _ client.WithWatch, o client.Object, _ ...client.CreateOption) error {
			if review, ok := o.(*authorizationv1.SubjectAccessReview); ok {
				review.Status.Allowed = review.Spec.ResourceAttributes.Verb != "watch"
			}
			return refuse("create", o)
		},
	}).Build()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", now.Add(-time.Hour).Format(http.TimeFormat))
	}))
	t.Cleanup(server.Close)
	return doctor.Source{
		Client: c, Config: &rest.Config{Host: server.URL}, Clock: clocktesting.NewFakePassiveClock(now), Namespace: "peergate-system", Taint: own,
	}
}

func named(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name}
}

// TestGather reads what there is, and takes what there is not for a fact.
func TestGather(t *testing.T) {
	chain := healthy(t).Serving.Value
	pod := corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		Containers: []corev1.Container{{Image: "registry.k8s.io/descheduler/descheduler:v0.34.0@sha256:00"}},
		Volumes: []corev1.Volume{{VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "policy"},
		}}}},
	}}
	job := &batchv1.CronJob{ObjectMeta: named("kube-system", "descheduler")}
	job.Spec.JobTemplate.Spec.Template = pod
	f := source(t, nil,
		&appsv1.Deployment{ObjectMeta: named("peergate-system", "peergate-manager")},
		&corev1.Secret{ObjectMeta: named("peergate-system", "peergate-webhook-cert"), Data: map[string][]byte{corev1.TLSCertKey: chain.Chain}},
		&corev1.Node{ObjectMeta: named("", "leviathan1")},
		&admissionregistrationv1.MutatingWebhookConfiguration{ObjectMeta: named("", "peergate")},
		job,
		&corev1.ConfigMap{ObjectMeta: named("kube-system", "policy"), Data: map[string]string{"policy.yaml": "profiles: []"}},
	).Gather(t.Context())

	if f.Manager.Value == nil || f.Mutating.Value == nil || len(f.Nodes.Value) != 1 || f.Validating.Value != nil || f.Validating.Err != nil {
		t.Errorf("manager %v, webhooks %v and %v, nodes %v", f.Manager, f.Mutating, f.Validating, f.Nodes)
	}
	if got := f.Serving.Value; got == nil || !got.NotAfter.Equal(chain.NotAfter) || got.Source != "Secret peergate-webhook-cert" {
		t.Errorf("the certificate is %+v, %v", got, f.Serving.Err)
	}
	if !f.Local.Equal(now) || !f.Server.Value.Equal(now.Add(-time.Hour)) {
		t.Errorf("the clocks are %s here and %s, %v there", f.Local, f.Server.Value, f.Server.Err)
	}
	want := []doctor.DeschedulerPolicy{{Namespace: "kube-system", ConfigMap: "policy", Documents: []string{"profiles: []"}}}
	if diff := cmp.Diff(want, f.Deschedulers.Value); diff != "" {
		t.Errorf("deschedulers (-want +got):\n%s", diff)
	}
	if len(f.Lacking.Value) == 0 || !slices.ContainsFunc(f.Lacking.Value, func(r access.Right) bool { return r.String() == "watch nodes" }) {
		t.Errorf("the manager lacks %v, want every watch", f.Lacking.Value)
	}
}

// TestGatherCertificateOfCertManager: who may not read Secrets sees the end of the certificate all the same.
func TestGatherCertificateOfCertManager(t *testing.T) {
	certificate := func(status map[string]any) *unstructured.Unstructured {
		c := &unstructured.Unstructured{Object: map[string]any{"status": status}}
		c.SetGroupVersionKind(certificateKind)
		c.SetNamespace("peergate-system")
		c.SetName("peergate-webhook-cert")
		return c
	}
	noSecrets := func(_ string, o any) bool {
		_, secret := o.(*corev1.Secret)
		return secret
	}
	ready := certificate(map[string]any{
		"notAfter": "2026-05-01T00:00:00Z", "conditions": []any{map[string]any{"type": "Ready", "status": "True"}},
	})
	f := source(t, noSecrets, ready).Gather(t.Context())
	if got := f.Serving.Value; got == nil || got.NotAfter.Format(time.DateOnly) != "2026-05-01" || got.NotReady != "" || got.Chain != nil {
		t.Errorf("the certificate is %+v, %v", got, f.Serving.Err)
	}
	issuing := certificate(map[string]any{"conditions": []any{map[string]any{"type": "Ready", "status": "False", "message": "the issuer is not there"}}})
	if f = source(t, noSecrets, issuing).Gather(t.Context()); f.Serving.Err == nil || !strings.Contains(f.Serving.Err.Error(), "the issuer is not there") {
		t.Errorf("a certificate that is not issued is %+v, %v", f.Serving.Value, f.Serving.Err)
	}
	f = source(t, noSecrets).Gather(t.Context())
	if f.Serving.Err == nil || !strings.Contains(f.Serving.Err.Error(), "you lack the verb get on secrets in namespace peergate-system") {
		t.Errorf("without the right, the certificate is %+v, %v", f.Serving.Value, f.Serving.Err)
	}
}

// TestGatherRightsFromRoles: who may not ask what the manager may do reads its roles.
func TestGatherRightsFromRoles(t *testing.T) {
	noReviews := func(_ string, o any) bool {
		_, review := o.(*authorizationv1.SubjectAccessReview)
		return review
	}
	role := &rbacv1.ClusterRole{ObjectMeta: named("", "peergate-manager")}
	for _, r := range doctor.ManagerRights("peergate-system") {
		if r.Namespace == "" && r.Name == "" && r.Verb != "exempt" {
			resource := r.Resource
			if r.Subresource != "" {
				resource += "/" + r.Subresource
			}
			role.Rules = append(role.Rules, rbacv1.PolicyRule{APIGroups: []string{r.Group}, Resources: []string{resource}, Verbs: []string{r.Verb}})
		}
	}
	role.Rules = append(role.Rules, rbacv1.PolicyRule{
		APIGroups: []string{"peergate.dev"}, Resources: []string{"peeringpolicies"}, Verbs: []string{"exempt"}, ResourceNames: []string{"default"},
	})
	// What is given on objects by their names is no right to the others.
	for resource, verb := range map[schema.GroupResource]string{
		{Group: "coordination.k8s.io", Resource: "leases"}: "get", {Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions"}: "get",
	} {
		role.Rules = append(role.Rules, rbacv1.PolicyRule{
			APIGroups: []string{resource.Group}, Resources: []string{resource.Resource}, Verbs: []string{verb},
			ResourceNames: []string{"peergate-manager", "peeringpolicies.peergate.dev"},
		})
	}
	binding := &rbacv1.ClusterRoleBinding{ObjectMeta: role.ObjectMeta, Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "peergate-manager", Namespace: "peergate-system"}}}
	f := source(t, noReviews, role, binding).Gather(t.Context())
	var lacking []string
	for _, r := range f.Lacking.Value {
		lacking = append(lacking, r.String())
	}
	want := []string{
		"exempt peeringpolicies.peergate.dev",
		"list secrets in namespace peergate-system", "watch secrets in namespace peergate-system",
		"create leases.coordination.k8s.io in namespace peergate-system",
		"update leases.coordination.k8s.io named peergate-manager in namespace peergate-system", "create events in namespace peergate-system",
	}
	if diff := cmp.Diff(want, lacking); diff != "" {
		t.Errorf("the manager lacks (-want +got):\n%s", diff)
	}
	f = source(t, func(verb string, o any) bool {
		_, isRole := o.(*rbacv1.ClusterRole)
		return isRole || noReviews(verb, o)
	}, role, binding).Gather(t.Context())
	if err := f.Lacking.Err; err == nil || !strings.Contains(err.Error(), "create on subjectaccessreviews") || !strings.Contains(err.Error(), "get on clusterroles") {
		t.Errorf("without either right: %v", err)
	}
}
