package doctor

import (
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
)

// nodeIdentity looks for the policy that holds while no webhook is served.
func nodeIdentity(f Facts) ([]Finding, error) {
	policy, err := f.IdentityPolicy.Get()
	if err != nil {
		return nil, err
	}
	binding, err := f.IdentityBinding.Get()
	if err != nil {
		return nil, err
	}
	what := ""
	switch {
	case policy == nil:
		what = "ValidatingAdmissionPolicy " + identityPolicy + " is missing"
	case binding == nil:
		what = "ValidatingAdmissionPolicyBinding " + identityPolicy + " is missing"
	case !slices.Contains(binding.Spec.ValidationActions, admissionregistrationv1.Deny):
		what = "ValidatingAdmissionPolicyBinding " + identityPolicy + " does not deny"
	case policy.Status.TypeChecking != nil && len(policy.Status.TypeChecking.ExpressionWarnings) > 0:
		what = "ValidatingAdmissionPolicy " + identityPolicy + " has an expression that the API server warns of: " +
			policy.Status.TypeChecking.ExpressionWarnings[0].Warning
	default:
		return nil, nil
	}
	return []Finding{{
		Level: Problem, Message: what + ": while no webhook is served, a node can exempt or confirm itself",
		Fix: "Apply it anew.", Commands: []string{"kubectl apply -k config/default"},
	}}, nil
}
