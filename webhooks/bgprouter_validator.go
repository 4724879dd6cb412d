package webhooks

import (
	"context"
	"net"
	"net/netip"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/routerclient/platform"
)

// BGPRouterValidator refuses what the schema of BGPRouter cannot: with 422, and the field.
type BGPRouterValidator struct{}

var _ admission.Validator[*v1alpha1.BGPRouter] = BGPRouterValidator{}

// ValidateCreate refuses a spec that cannot be used.
func (BGPRouterValidator) ValidateCreate(_ context.Context, r *v1alpha1.BGPRouter) (admission.Warnings, error) {
	return nil, invalid("BGPRouter", r.Name, validateRouter(r.Spec))
}

// ValidateUpdate refuses a spec that cannot be used.
func (v BGPRouterValidator) ValidateUpdate(ctx context.Context, _, r *v1alpha1.BGPRouter) (admission.Warnings, error) {
	return v.ValidateCreate(ctx, r)
}

// ValidateDelete allows everything.
func (BGPRouterValidator) ValidateDelete(context.Context, *v1alpha1.BGPRouter) (admission.Warnings, error) {
	return nil, nil
}

func invalid(kind, name string, errs field.ErrorList) error {
	if len(errs) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Group: v1alpha1.GroupVersion.Group, Kind: kind}, name, errs)
}

func validateRouter(spec v1alpha1.BGPRouterSpec) field.ErrorList {
	path := field.NewPath("spec")
	errs := validateAddress(spec.Address, path.Child("address"))
	errs = append(errs, validatePlatform(spec, path)...)
	if spec.NodeSelector != nil {
		errs = append(errs, metav1validation.ValidateLabelSelector(spec.NodeSelector,
			metav1validation.LabelSelectorValidationOptions{}, path.Child("nodeSelector"))...)
	}
	return errs
}

func validatePlatform(spec v1alpha1.BGPRouterSpec, path *field.Path) field.ErrorList {
	p, ok := platform.Lookup(spec.Platform)
	if !ok {
		return field.ErrorList{field.NotSupported(path.Child("platform"), spec.Platform, platform.Names())}
	}
	transport, ok := p.Transport(spec.Transport)
	if !ok {
		return field.ErrorList{field.NotSupported(path.Child("transport"), spec.Transport, p.Transports)}
	}
	if transport != platform.SSH && len(spec.CommandPrefix) > 0 {
		return field.ErrorList{field.Invalid(path.Child("commandPrefix"), spec.CommandPrefix, "there are no commands to prefix over "+string(transport))}
	}
	if transport != platform.SSH && spec.LegacyAlgorithms {
		return field.ErrorList{field.Invalid(path.Child("legacyAlgorithms"), true, "it is about SSH, and this router is reached over "+string(transport))}
	}
	return nil
}

func validateAddress(address string, path *field.Path) field.ErrorList {
	host := address
	if h, port, err := net.SplitHostPort(address); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return field.ErrorList{field.Invalid(path, address, "the port must be a number from 1 to 65535")}
		}
		host = h
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	if problems := validation.IsDNS1123Subdomain(host); len(problems) > 0 {
		return field.ErrorList{field.Invalid(path, address,
			`must be a host name or an IP address, with an optional port: "192.168.3.1", "edge.example.net:2222", "[fd00::1]:2222"`)}
	}
	return nil
}
