package doctor

import (
	"context"
	"fmt"
	"net/http"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/config/crd"
	"github.com/peergate/peergate/internal/access"
	"github.com/peergate/peergate/internal/report"
)

// The names of what is installed, as config/ has them.
const (
	managerName          = "peergate-manager"
	certificateName      = "peergate-webhook-cert"
	webhookService       = "peergate-webhook"
	webhookConfiguration = "peergate"
	identityPolicy       = "node-identity.peergate.dev"
	taintingPolicy       = "node-taint.peergate.dev"
)

// Source is where facts are gathered.
type Source struct {
	Client client.Client
	Config *rest.Config
	Clock  clock.PassiveClock
	// Namespace is that which Peergate is installed in, and Taint the one that it is taken to be installed with.
	Namespace string
	Taint     corev1.Taint
}

// Gather reads what the checks depend on. What may not be read is a fact too; and so is a Node that is created in a dry
// run, which changes nothing.
func (s Source) Gather(ctx context.Context) Facts {
	f := Facts{Namespace: s.Namespace, Taint: s.Taint}
	own := client.ObjectKey{Namespace: s.Namespace, Name: managerName}
	f.Status, f.Nodes = s.status(ctx)
	f.Manager = get(ctx, s.Client, own, &appsv1.Deployment{}, resource(appsv1.GroupName, "deployments"))
	f.Lease = get(ctx, s.Client, own, &coordinationv1.Lease{}, resource(coordinationv1.GroupName, "leases"))
	f.NodeLeases = list(ctx, s.Client, &coordinationv1.LeaseList{}, resource(coordinationv1.GroupName, "leases"), corev1.NamespaceNodeLease,
		func(l *coordinationv1.LeaseList) []coordinationv1.Lease { return l.Items })
	// Right after the leases, whose times are compared with it: the rest takes its time.
	f.Server, f.Local = s.clocks(ctx)
	f.Definitions = s.definitions(ctx)
	f.Lacking = s.lacking(ctx)
	f.Serving = s.serving(ctx)
	s.gatherAdmission(ctx, &f)
	s.gatherWorkloads(ctx, &f)
	return f
}

func (s Source) status(ctx context.Context) (Seen[report.Status], Seen[[]corev1.Node]) {
	c, err := report.Gather(ctx, s.Client, s.Namespace, s.Taint)
	return Seen[report.Status]{c.Status(s.Clock.Now()), err}, Seen[[]corev1.Node]{c.Nodes, err}
}

func (s Source) definitions(ctx context.Context) Seen[[]apiextensionsv1.CustomResourceDefinition] {
	shipped, err := crd.Definitions()
	all := Seen[[]apiextensionsv1.CustomResourceDefinition]{Err: err}
	for i := range shipped {
		one := get(ctx, s.Client, client.ObjectKeyFromObject(&shipped[i]), &apiextensionsv1.CustomResourceDefinition{},
			resource(apiextensionsv1.GroupName, "customresourcedefinitions"))
		if one.Err != nil {
			return Seen[[]apiextensionsv1.CustomResourceDefinition]{Err: one.Err}
		}
		if one.Value != nil {
			all.Value = append(all.Value, *one.Value)
		}
	}
	return all
}

func (s Source) gatherAdmission(ctx context.Context, f *Facts) {
	const group = admissionregistrationv1.GroupName
	name := client.ObjectKey{Name: webhookConfiguration}
	f.Mutating = get(ctx, s.Client, name, &admissionregistrationv1.MutatingWebhookConfiguration{}, resource(group, "mutatingwebhookconfigurations"))
	f.Validating = get(ctx, s.Client, name, &admissionregistrationv1.ValidatingWebhookConfiguration{}, resource(group, "validatingwebhookconfigurations"))
	f.MutatingPolicy = get(ctx, s.Client, client.ObjectKey{Name: taintingPolicy}, &admissionregistrationv1.MutatingAdmissionPolicy{},
		resource(group, "mutatingadmissionpolicies"))
	identity := client.ObjectKey{Name: identityPolicy}
	f.IdentityPolicy = get(ctx, s.Client, identity, &admissionregistrationv1.ValidatingAdmissionPolicy{}, resource(group, "validatingadmissionpolicies"))
	f.IdentityBinding = get(ctx, s.Client, identity, &admissionregistrationv1.ValidatingAdmissionPolicyBinding{}, resource(group, "validatingadmissionpolicybindings"))
	f.Endpoints = list(ctx, s.Client, &discoveryv1.EndpointSliceList{}, resource(discoveryv1.GroupName, "endpointslices"), s.Namespace,
		func(l *discoveryv1.EndpointSliceList) []discoveryv1.EndpointSlice { return l.Items },
		client.MatchingLabels{discoveryv1.LabelServiceName: webhookService})
	f.DryRun = s.dryRun(ctx)
}

// dryRun creates a Node that is not stored.
func (s Source) dryRun(ctx context.Context) Seen[[]corev1.Taint] {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{GenerateName: "peergate-doctor-"}}
	if err := s.Client.Create(ctx, node, client.DryRunAll); err != nil {
		err = access.Explain(err, access.Right{Verb: "create", GroupResource: resource(corev1.GroupName, "nodes")})
		return Seen[[]corev1.Taint]{Err: fmt.Errorf("creating a Node in a dry run: %w", err)}
	}
	return Seen[[]corev1.Taint]{Value: node.Spec.Taints}
}

func (s Source) gatherWorkloads(ctx context.Context, f *Facts) {
	f.DaemonSets = list(ctx, s.Client, &appsv1.DaemonSetList{}, resource(appsv1.GroupName, "daemonsets"), "",
		func(l *appsv1.DaemonSetList) []appsv1.DaemonSet { return l.Items })
	f.Deployments = list(ctx, s.Client, &appsv1.DeploymentList{}, resource(appsv1.GroupName, "deployments"), "",
		func(l *appsv1.DeploymentList) []appsv1.Deployment { return l.Items })
	pools := &unstructured.UnstructuredList{}
	pools.SetGroupVersionKind(schema.GroupVersionKind{Group: "karpenter.sh", Version: "v1", Kind: "NodePoolList"})
	f.NodePools = list(ctx, s.Client, pools, resource("karpenter.sh", "nodepools"), "",
		func(l *unstructured.UnstructuredList) []unstructured.Unstructured { return l.Items })
	f.Deschedulers = s.deschedulers(ctx, f.Deployments)
}

// clocks returns the time of the API server and, of the same moment, that of this machine.
func (s Source) clocks(ctx context.Context) (server Seen[time.Time], local time.Time) {
	httpClient, err := rest.HTTPClientFor(s.Config)
	if err != nil {
		return Seen[time.Time]{Err: err}, s.Clock.Now()
	}
	url, _, err := rest.DefaultServerUrlFor(s.Config)
	if err != nil {
		return Seen[time.Time]{Err: err}, s.Clock.Now()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url.JoinPath("version").String(), nil)
	if err != nil {
		return Seen[time.Time]{Err: err}, s.Clock.Now()
	}
	response, err := httpClient.Do(request)
	local = s.Clock.Now()
	if err != nil {
		return Seen[time.Time]{Err: fmt.Errorf("asking the API server for its time: %w", err)}, local
	}
	defer func() { _ = response.Body.Close() }() // it is not read
	if server.Value, err = http.ParseTime(response.Header.Get("Date")); err != nil {
		server.Err = fmt.Errorf("reading the API server's time: %w", err)
	}
	return server, local
}

func resource(group, plural string) schema.GroupResource {
	return schema.GroupResource{Group: group, Resource: plural}
}

// get reads one object. There is nil where it does not exist, or the API server does not know its kind.
func get[T client.Object](ctx context.Context, c client.Client, key client.ObjectKey, into T, kind schema.GroupResource) Seen[T] {
	err := c.Get(ctx, key, into)
	switch {
	case err == nil:
		return Seen[T]{Value: into}
	case absent(err):
		return Seen[T]{}
	default:
		return Seen[T]{Err: access.Explain(err, access.Right{Verb: "get", GroupResource: kind, Namespace: key.Namespace})}
	}
}

// list reads the objects of a namespace, or of all if it is "". There are none where the API server does not know their
// kind.
func list[L client.ObjectList, T any](ctx context.Context, c client.Client, into L, kind schema.GroupResource, namespace string, items func(L) []T, options ...client.ListOption) Seen[[]T] {
	err := c.List(ctx, into, append(options, client.InNamespace(namespace))...)
	switch {
	case err == nil:
		return Seen[[]T]{Value: items(into)}
	case absent(err):
		return Seen[[]T]{}
	default:
		return Seen[[]T]{Err: access.Explain(err, access.Right{Verb: "list", GroupResource: kind, Namespace: namespace})}
	}
}

func absent(err error) bool { return apierrors.IsNotFound(err) || meta.IsNoMatchError(err) }
