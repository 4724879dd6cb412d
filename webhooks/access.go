package webhooks

import (
	"context"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
)

// Access asks the API server what a user may do.
type Access struct {
	Client client.Client
}

// MayChange returns nil if the user has the verb exempt on peeringpolicies.peergate.dev, and so may change what a Node
// says of Peergate. Otherwise it returns a status about the node: 403 for a user who lacks the verb, and 500 if that
// could not be asked, which lets nothing pass either.
func (a Access) MayChange(ctx context.Context, user authenticationv1.UserInfo, node, what string) error {
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra(user.Extra),
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Group: v1alpha1.GroupVersion.Group, Resource: "peeringpolicies", Verb: v1alpha1.VerbExempt,
		},
	}}
	if err := a.Client.Create(ctx, review); err != nil {
		return apierrors.NewInternalError(fmt.Errorf("changing %s of node %s: asking whether user %q may: %w", what, node, user.Username, err))
	}
	if !review.Status.Allowed {
		return apierrors.NewForbidden(corev1.Resource("nodes"), node, fmt.Errorf("changing %s: user %q lacks the verb %q on peeringpolicies.%s",
			what, user.Username, v1alpha1.VerbExempt, v1alpha1.GroupVersion.Group))
	}
	return nil
}

func extra(in map[string]authenticationv1.ExtraValue) map[string]authorizationv1.ExtraValue {
	out := make(map[string]authorizationv1.ExtraValue, len(in))
	for key, value := range in {
		out[key] = authorizationv1.ExtraValue(value)
	}
	return out
}
