package webhooks

import (
	"context"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
)

// Access asks the API server what a user may do.
type Access struct {
	Client client.Client
}

// MayExempt returns nil if the user has the verb exempt on peeringpolicies.peergate.dev, and otherwise an error that
// says what is missing.
func (a Access) MayExempt(ctx context.Context, user authenticationv1.UserInfo) error {
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra(user.Extra),
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Group: v1alpha1.GroupVersion.Group, Resource: "peeringpolicies", Verb: v1alpha1.VerbExempt,
		},
	}}
	if err := a.Client.Create(ctx, review); err != nil {
		return fmt.Errorf("asking whether user %q may: %w", user.Username, err)
	}
	if !review.Status.Allowed {
		return fmt.Errorf("user %q lacks the verb %q on peeringpolicies.%s", user.Username, v1alpha1.VerbExempt, v1alpha1.GroupVersion.Group)
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
