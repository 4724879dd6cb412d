package webhooks

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/routerclient/platform"
)

// PeeringPolicyValidator refuses what the schema of PeeringPolicy cannot: with 422, and the field.
type PeeringPolicyValidator struct{}

var _ admission.Validator[*v1alpha1.PeeringPolicy] = PeeringPolicyValidator{}

// ValidateCreate refuses a spec that cannot be used, and warns of what some routers cannot answer.
func (PeeringPolicyValidator) ValidateCreate(_ context.Context, p *v1alpha1.PeeringPolicy) (admission.Warnings, error) {
	return warnings(p.Spec), invalid("PeeringPolicy", p.Name, validatePolicy(p.Spec))
}

// ValidateUpdate refuses a change to a spec that cannot be used, as BGPRouterValidator does.
func (v PeeringPolicyValidator) ValidateUpdate(ctx context.Context, old, p *v1alpha1.PeeringPolicy) (admission.Warnings, error) {
	if equality.Semantic.DeepEqual(old.Spec, p.Spec) {
		return nil, nil
	}
	return v.ValidateCreate(ctx, p)
}

// ValidateDelete allows everything.
func (PeeringPolicyValidator) ValidateDelete(context.Context, *v1alpha1.PeeringPolicy) (admission.Warnings, error) {
	return nil, nil
}

func warnings(spec v1alpha1.PeeringPolicySpec) admission.Warnings {
	if spec.Families == v1alpha1.FamiliesAny {
		return nil
	}
	return admission.Warnings{fmt.Sprintf("spec.families: routers of %s do not say which address families a session carries: "+
		"they neither open a node for %s nor close one", strings.Join(platform.UntoldFamilies(), " and "), spec.Families)}
}

func validatePolicy(spec v1alpha1.PeeringPolicySpec) field.ErrorList {
	path := field.NewPath("spec")
	errs := validateShare(spec.MinEstablished, 1, path.Child("minEstablished"))
	if spec.MaxUnpeered != nil {
		errs = append(errs, validateShare(*spec.MaxUnpeered, 0, path.Child("maxUnpeered"))...)
	}
	if spec.NodeSelector != nil {
		errs = append(errs, metav1validation.ValidateLabelSelector(spec.NodeSelector,
			metav1validation.LabelSelectorValidationOptions{}, path.Child("nodeSelector"))...)
	}
	return errs
}

// validateShare takes a number of at least least, or a percentage from 0% (1% if least is more) to 100%.
func validateShare(v intstr.IntOrString, least int, path *field.Path) field.ErrorList {
	// A percentage of 100 is its own number.
	n, err := intstr.GetScaledValueFromIntOrPercent(&v, 100, true)
	if err != nil {
		return field.ErrorList{field.Invalid(path, v.String(), `must be a number or a percentage: 2, "50%"`)}
	}
	if n < least || (v.Type == intstr.String && n > 100) {
		return field.ErrorList{field.Invalid(path, v.String(), "must be at least "+share(least, v.Type)+", and a percentage at most 100%")}
	}
	return nil
}

func share(n int, t intstr.Type) string {
	if t == intstr.String {
		return strconv.Itoa(n) + "%"
	}
	return strconv.Itoa(n)
}
