package access_test

import (
	"context"
	"errors"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/peergate/peergate/internal/access"
)

var (
	listNodes   = access.Right{Verb: "list", GroupResource: schema.GroupResource{Resource: "nodes"}}
	patchStatus = access.Right{Verb: "patch", GroupResource: schema.GroupResource{Group: "peergate.dev", Resource: "bgprouters"}, Subresource: "status"}
	ownLease    = access.Right{Verb: "update", GroupResource: schema.GroupResource{Group: "coordination.k8s.io", Resource: "leases"}, Namespace: "peergate-system", Name: "peergate-manager"}
	getLease    = access.Right{Verb: "get", GroupResource: schema.GroupResource{Group: "coordination.k8s.io", Resource: "leases"}, Namespace: "peergate-system"}
)

func TestWords(t *testing.T) {
	tests := map[string]access.Right{
		"you lack the verb list on nodes (ClusterRole peergate-cli has it)":                                                  listNodes,
		"you lack the verb update on leases.coordination.k8s.io named peergate-manager in namespace peergate-system":         ownLease,
		"you lack the verb patch on bgprouters/status.peergate.dev":                                                          patchStatus,
		"you lack the verb get on leases.coordination.k8s.io in namespace peergate-system (ClusterRole peergate-cli has it)": getLease,
		"you lack the verb exempt on peeringpolicies.peergate.dev (ClusterRole peergate-exempter has it)":                    access.Exempt,
	}
	for want, right := range tests {
		if got := (&access.Denied{Missing: []access.Right{right}}).Error(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	forbidden := apierrors.NewForbidden(listNodes.GroupResource, "", errors.New("User \"jane\" cannot list"))
	var denied *access.Denied
	if err := access.Explain(forbidden, listNodes); !errors.As(err, &denied) {
		t.Errorf("a refusal is explained as %v", err)
	}
	timeout := apierrors.NewTimeoutError("slow", 1)
	if err := access.Explain(timeout, listNodes); !errors.Is(err, timeout) {
		t.Errorf("another error becomes %v", err)
	}
	if err := access.Explain(nil, listNodes); err != nil {
		t.Errorf("no error becomes %v", err)
	}
}

func TestRequire(t *testing.T) {
	reviews := func(create func(*authorizationv1.SelfSubjectAccessReview) error) client.Client {
		return fake.NewClientBuilder().WithInterceptorFuncs(interceptor.Funcs{
			Create: func(_ context.Context, _ client.WithWatch, o client.Object, _ ...client.CreateOption) error {
				return create(o.(*authorizationv1.SelfSubjectAccessReview))
			},
		}).Build()
	}
	reader := reviews(func(r *authorizationv1.SelfSubjectAccessReview) error {
		asked := r.Spec.ResourceAttributes
		r.Status.Allowed = asked.Verb == "get" && asked.Namespace == "peergate-system" && asked.Group == "coordination.k8s.io"
		return nil
	})
	if err := access.Require(t.Context(), reader, getLease); err != nil {
		t.Errorf("a right that is there: %v", err)
	}
	want := "you lack the verb list on nodes (ClusterRole peergate-cli has it), and the verb patch on bgprouters/status.peergate.dev"
	if err := access.Require(t.Context(), reader, listNodes, getLease, patchStatus); err == nil || err.Error() != want {
		t.Errorf("rights that are not there: %v, want %s", err, want)
	}
	broken := reviews(func(*authorizationv1.SelfSubjectAccessReview) error { return errors.New("no route to host") })
	if err := access.Require(t.Context(), broken, listNodes); err == nil || err.Error() != "asking whether you may list nodes: no route to host" {
		t.Errorf("an API server that does not answer: %v", err)
	}
}
