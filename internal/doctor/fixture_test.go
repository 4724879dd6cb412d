package doctor_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/config/crd"
	"github.com/peergate/peergate/internal/doctor"
	"github.com/peergate/peergate/internal/report"
	"github.com/peergate/peergate/internal/verdict"
)

var (
	now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	own = corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}
)

// authority is a CA that ends some time from now.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

func newAuthority(t testing.TB, left time.Duration) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "peergate-ca"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour * 24 * 365), NotAfter: now.Add(left), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{certificate, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

func (a authority) issue(t testing.TB, name string, left time.Duration) *doctor.ServingCertificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{name}, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(left),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &doctor.ServingCertificate{
		NotAfter: template.NotAfter, Source: "Secret peergate-webhook-cert",
		Chain: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
	}
}

const serviceName = "peergate-webhook.peergate-system.svc"

func seen[T any](v T) doctor.Seen[T] { return doctor.Seen[T]{Value: v} }

// healthy are facts with which nothing is wrong.
func healthy(t testing.TB) doctor.Facts {
	ca := newAuthority(t, 3650*24*time.Hour)
	client := admissionregistrationv1.WebhookClientConfig{CABundle: ca.pem}
	ignore, fail := new(admissionregistrationv1.Ignore), new(admissionregistrationv1.Fail)
	renewed, ready := metav1.NewMicroTime(now.Add(-2*time.Second)), true
	lease := &coordinationv1.Lease{Spec: coordinationv1.LeaseSpec{
		HolderIdentity: new("peergate-manager-1"), RenewTime: &renewed, LeaseDurationSeconds: new(int32(15)),
	}}
	return doctor.Facts{
		Namespace: "peergate-system", Taint: own, Local: now, Server: seen(now),
		Status: seen(report.Status{
			NodeList: []report.Node{{Name: "leviathan1", State: verdict.Peered, Policies: []string{"default"}, Routers: []string{"edge"}}},
			Routers:  []report.Router{{Name: "edge", Reachable: metav1.ConditionTrue, Nodes: 1}},
			Policies: []report.Policy{{Name: "default", Selects: 1}},
		}),
		Manager:     seen(managerDeployment("--leader-elect", "--taint=bgp-unpeered:NoSchedule")),
		Lease:       seen(lease),
		NodeLeases:  seen([]coordinationv1.Lease{nodeLease("leviathan1", -8*time.Second)}),
		Nodes:       seen([]corev1.Node{readyNode("leviathan1")}),
		Definitions: seen(installed(t)),
		Serving:     seen(ca.issue(t, serviceName, 60*24*time.Hour)),
		Mutating: seen(&admissionregistrationv1.MutatingWebhookConfiguration{Webhooks: []admissionregistrationv1.MutatingWebhook{
			{Name: "node-taint.peergate.dev", ClientConfig: client, FailurePolicy: ignore},
		}}),
		Validating: seen(&admissionregistrationv1.ValidatingWebhookConfiguration{Webhooks: []admissionregistrationv1.ValidatingWebhook{
			{Name: "node-guard.peergate.dev", ClientConfig: client, FailurePolicy: ignore, MatchConditions: []admissionregistrationv1.MatchCondition{{Expression: "t.key != 'bgp-unpeered'"}}},
			{Name: "bgprouter.peergate.dev", ClientConfig: client, FailurePolicy: fail},
			{Name: "peeringpolicy.peergate.dev", ClientConfig: client, FailurePolicy: fail},
		}}),
		IdentityPolicy: seen(&admissionregistrationv1.ValidatingAdmissionPolicy{
			ObjectMeta: metav1.ObjectMeta{Name: "node-identity.peergate.dev"},
			Spec:       admissionregistrationv1.ValidatingAdmissionPolicySpec{Validations: []admissionregistrationv1.Validation{{Expression: "t.key != 'bgp-unpeered'"}}},
		}),
		IdentityBinding: seen(&admissionregistrationv1.ValidatingAdmissionPolicyBinding{
			Spec: admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec{ValidationActions: []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny}},
		}),
		Endpoints: seen([]discoveryv1.EndpointSlice{{Endpoints: []discoveryv1.Endpoint{{Conditions: discoveryv1.EndpointConditions{Ready: &ready}}}}}),
		DryRun:    seen([]corev1.Taint{{Key: own.Key, Effect: own.Effect, TimeAdded: &metav1.Time{Time: now}}}),
	}
}

func managerDeployment(args ...string) *appsv1.Deployment {
	d := &appsv1.Deployment{}
	d.Spec.Replicas = new(int32(2))
	d.Spec.Template.Spec = corev1.PodSpec{
		Containers:  []corev1.Container{{Name: "manager", Args: args}},
		Tolerations: []corev1.Toleration{{Key: "bgp-unpeered", Operator: corev1.TolerationOpExists}},
	}
	d.Status.ReadyReplicas = 2
	return d
}

// installed are the shipped definitions, as an API server has them.
func installed(t testing.TB) []apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	all, err := crd.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].Status.StoredVersions = []string{"v1alpha1"}
		all[i].Status.Conditions = []apiextensionsv1.CustomResourceDefinitionCondition{{Type: apiextensionsv1.Established, Status: apiextensionsv1.ConditionTrue}}
	}
	return all
}

// spec is the schema of field spec in a definition's only version.
func spec(f *doctor.Facts, definition int) apiextensionsv1.JSONSchemaProps {
	return f.Definitions.Value[definition].Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
}

func nodeLease(node string, off time.Duration) coordinationv1.Lease {
	renewed := metav1.NewMicroTime(now.Add(off))
	return coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: node}, Spec: coordinationv1.LeaseSpec{RenewTime: &renewed}}
}

func readyNode(name string) corev1.Node {
	return corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NodeStatus{
		Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
	}}
}

func deployment(namespace, name, image string, args ...string) appsv1.Deployment {
	d := appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	d.Spec.Template.Spec.Containers = []corev1.Container{{Image: image, Command: append([]string{"./cluster-autoscaler"}, args...)}}
	return d
}

// taintingPolicy gives new nodes a taint of the key.
func taintingPolicy(key string) *admissionregistrationv1.MutatingAdmissionPolicy {
	p := &admissionregistrationv1.MutatingAdmissionPolicy{}
	p.Spec.Mutations = []admissionregistrationv1.Mutation{{
		PatchType: admissionregistrationv1.PatchTypeJSONPatch,
		JSONPatch: &admissionregistrationv1.JSONPatch{Expression: "Object.spec.taints{key: '" + key + "'}"},
	}}
	return p
}
