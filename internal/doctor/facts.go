package doctor

import (
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/peergate/peergate/internal/access"
	"github.com/peergate/peergate/internal/report"
)

// Seen is what was gathered, or why there is nothing.
type Seen[T any] struct {
	Value T
	Err   error
}

// Get returns what was gathered, or why there is nothing.
func (s Seen[T]) Get() (T, error) { return s.Value, s.Err }

// Facts are all that the checks depend on. A pointer is nil where there is no such object.
type Facts struct {
	// Namespace is that which Peergate is installed in, and Taint the one that it is taken to be installed with.
	Namespace string
	Taint     corev1.Taint

	// Local and Server are the same moment by two clocks: this machine's, and the API server's in whole seconds.
	Local  time.Time
	Server Seen[time.Time]

	Status      Seen[report.Status]
	Manager     Seen[*appsv1.Deployment]
	Lease       Seen[*coordinationv1.Lease]
	NodeLeases  Seen[[]coordinationv1.Lease]
	Nodes       Seen[[]corev1.Node]
	Definitions Seen[[]apiextensionsv1.CustomResourceDefinition]
	// Lacking are the rights that the manager should have and has not.
	Lacking Seen[[]access.Right]
	// Serving is the certificate that the webhooks are served with.
	Serving    Seen[*ServingCertificate]
	Mutating   Seen[*admissionregistrationv1.MutatingWebhookConfiguration]
	Validating Seen[*admissionregistrationv1.ValidatingWebhookConfiguration]
	// MutatingPolicy may taint new nodes in the webhook's place.
	MutatingPolicy  Seen[*admissionregistrationv1.MutatingAdmissionPolicy]
	IdentityPolicy  Seen[*admissionregistrationv1.ValidatingAdmissionPolicy]
	IdentityBinding Seen[*admissionregistrationv1.ValidatingAdmissionPolicyBinding]
	Endpoints       Seen[[]discoveryv1.EndpointSlice]
	// DryRun are the taints of a Node that was created in a dry run.
	DryRun Seen[[]corev1.Taint]

	DaemonSets  Seen[[]appsv1.DaemonSet]
	Deployments Seen[[]appsv1.Deployment]
	// NodePools are Karpenter's.
	NodePools Seen[[]unstructured.Unstructured]
	// Deschedulers are the policies of all deschedulers.
	Deschedulers Seen[[]DeschedulerPolicy]
}

// now is the time by the API server's clock, which is the one that counts for certificates and leases, or by this
// machine's where that is not known.
func (f Facts) now() time.Time {
	if server, err := f.Server.Get(); err == nil {
		return server
	}
	return f.Local
}

// ServingCertificate is what is known of the webhooks' certificate.
type ServingCertificate struct {
	NotAfter time.Time
	// Source is where that was read.
	Source string
	// Chain is the certificate in PEM form, or nil where only its status may be read.
	Chain []byte
	// NotReady is why cert-manager does not vouch for it, or "".
	NotReady string
}

// DeschedulerPolicy is the configuration of one descheduler.
type DeschedulerPolicy struct {
	Namespace, ConfigMap string
	// Documents are the values of the ConfigMap.
	Documents []string
}
