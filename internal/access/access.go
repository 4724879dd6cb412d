// Package access says which right a person lacks: a verb on a resource, as RBAC has it.
package access

import (
	"context"
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
)

// Right is a verb on a resource.
type Right struct {
	Verb string
	schema.GroupResource
	// Subresource is empty for the resource itself.
	Subresource string
	// Namespace is empty for all of them, and for resources that have none.
	Namespace string
	// Name is that of the one object the right is about, or empty for all of them.
	Name string
}

// String is "list nodes", or "get deployments.apps named peergate-manager in namespace peergate-system".
func (r Right) String() string { return r.Verb + " " + r.on() }

func (r Right) on() string {
	on := r.Resource
	if r.Subresource != "" {
		on += "/" + r.Subresource
	}
	if r.Group != "" {
		on += "." + r.Group
	}
	if r.Name != "" {
		on += " named " + r.Name
	}
	if r.Namespace != "" {
		on += " in namespace " + r.Namespace
	}
	return on
}

// Exempt is the right to change the taint and the annotations of a Node.
var Exempt = Right{
	Verb:          v1alpha1.VerbExempt,
	GroupResource: schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "peeringpolicies"},
}

// The ClusterRoles that are shipped, and bound to nobody.
const (
	RoleReader   = "peergate-cli"
	RoleExempter = "peergate-exempter"
)

// Denied is an error about rights that are missing.
type Denied struct{ Missing []Right }

// Error names each right, and the shipped role that has it.
func (d *Denied) Error() string {
	words := make([]string, 0, len(d.Missing))
	for _, r := range d.Missing {
		words = append(words, fmt.Sprintf("the verb %s on %s%s", r.Verb, r.on(), whichRole(r)))
	}
	return "you lack " + strings.Join(words, ", and ")
}

func whichRole(r Right) string {
	switch r.Verb {
	case "get", "list", "watch":
		return " (ClusterRole " + RoleReader + " has it)"
	case v1alpha1.VerbExempt:
		return " (ClusterRole " + RoleExempter + " has it)"
	}
	return ""
}

// Explain turns a refusal for want of a right into one that names it. Every other error stays what it is.
func Explain(err error, needed Right) error {
	if apierrors.IsForbidden(err) {
		return &Denied{Missing: []Right{needed}}
	}
	return err
}

// Require asks the API server which of the rights the person lacks, and returns Denied if there are any. Who may talk to
// the API server may ask that.
func Require(ctx context.Context, c client.Client, needed ...Right) error {
	var missing []Right
	for _, r := range needed {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: r.Verb, Group: r.Group, Resource: r.Resource, Subresource: r.Subresource, Namespace: r.Namespace, Name: r.Name,
			},
		}}
		if err := c.Create(ctx, review); err != nil {
			return fmt.Errorf("asking whether you may %s: %w", r, err)
		}
		if !review.Status.Allowed {
			missing = append(missing, r)
		}
	}
	if len(missing) > 0 {
		return &Denied{Missing: missing}
	}
	return nil
}
