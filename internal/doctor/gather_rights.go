package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/internal/access"
)

// lacking asks the API server which rights the manager has not or, where that may not be asked, reads the shipped roles
// and their bindings.
func (s Source) lacking(ctx context.Context) Seen[[]access.Right] {
	var missing []access.Right
	for _, r := range ManagerRights(s.Namespace) {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User:   "system:serviceaccount:" + s.Namespace + ":" + managerName,
			Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + s.Namespace, "system:authenticated"},
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: r.Verb, Group: r.Group, Resource: r.Resource, Subresource: r.Subresource, Namespace: r.Namespace, Name: r.Name,
			},
		}}
		err := s.Client.Create(ctx, review)
		switch {
		case apierrors.IsForbidden(err):
			return s.lackingInRoles(ctx, err)
		case err != nil:
			return Seen[[]access.Right]{Err: fmt.Errorf("asking whether the manager may %s: %w", r, err)}
		case !review.Status.Allowed:
			missing = append(missing, r)
		}
	}
	return Seen[[]access.Right]{Value: missing}
}

func (s Source) lackingInRoles(ctx context.Context, refused error) Seen[[]access.Right] {
	bound, err := s.boundRules(ctx)
	if err != nil {
		ask := access.Right{Verb: "create", GroupResource: schema.GroupResource{Group: authorizationv1.GroupName, Resource: "subjectaccessreviews"}}
		return Seen[[]access.Right]{Err: fmt.Errorf("%w, or instead %w", access.Explain(refused, ask), err)}
	}
	var missing []access.Right
	for _, r := range ManagerRights(s.Namespace) {
		if !slices.ContainsFunc(bound, func(b boundRule) bool { return b.allows(r) }) {
			missing = append(missing, r)
		}
	}
	return Seen[[]access.Right]{Value: missing}
}

// boundRule is a rule that is bound to the manager, in a namespace, or in all if it is "".
type boundRule struct {
	rbacv1.PolicyRule
	namespace string
}

func (b boundRule) allows(r access.Right) bool {
	resource := r.Resource
	if r.Subresource != "" {
		resource += "/" + r.Subresource
	}
	has := func(list []string, word string) bool {
		return slices.Contains(list, word) || slices.Contains(list, rbacv1.VerbAll)
	}
	every := len(b.ResourceNames) == 0
	return (b.namespace == "" || b.namespace == r.Namespace) && (every || r.Name != "" && slices.Contains(b.ResourceNames, r.Name)) &&
		has(b.Verbs, r.Verb) && has(b.APIGroups, r.Group) && has(b.Resources, resource)
}

// boundRules reads the rules of the shipped roles that are bound to the manager.
func (s Source) boundRules(ctx context.Context) ([]boundRule, error) {
	const group = rbacv1.GroupName
	var rules []boundRule
	var errs []error
	add := func(subjects []rbacv1.Subject, in string, of []rbacv1.PolicyRule) {
		if !slices.Contains(subjects, rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Name: managerName, Namespace: s.Namespace}) {
			return
		}
		for _, rule := range of {
			rules = append(rules, boundRule{rule, in})
		}
	}
	name := client.ObjectKey{Name: managerName}
	wide := get(ctx, s.Client, name, &rbacv1.ClusterRole{}, resource(group, "clusterroles"))
	wideBinding := get(ctx, s.Client, name, &rbacv1.ClusterRoleBinding{}, resource(group, "clusterrolebindings"))
	errs = append(errs, wide.Err, wideBinding.Err)
	if wide.Value != nil && wideBinding.Value != nil {
		add(wideBinding.Value.Subjects, "", wide.Value.Rules)
	}
	own := client.ObjectKey{Namespace: s.Namespace, Name: managerName}
	role := get(ctx, s.Client, own, &rbacv1.Role{}, resource(group, "roles"))
	binding := get(ctx, s.Client, own, &rbacv1.RoleBinding{}, resource(group, "rolebindings"))
	errs = append(errs, role.Err, binding.Err)
	if role.Value != nil && binding.Value != nil {
		add(binding.Value.Subjects, s.Namespace, role.Value.Rules)
	}
	return rules, errors.Join(errs...)
}
