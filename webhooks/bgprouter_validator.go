package webhooks

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
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

// ValidateUpdate refuses a change to a spec that cannot be used. One that is there already, since before this version
// looked for what is wrong with it, must not keep anybody from labelling the router or taking a finalizer off.
func (v BGPRouterValidator) ValidateUpdate(ctx context.Context, old, r *v1alpha1.BGPRouter) (admission.Warnings, error) {
	if equality.Semantic.DeepEqual(old.Spec, r.Spec) {
		return nil, nil
	}
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
	errs = append(errs, validateBMP(spec, path.Child("bmp"))...)
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
	if len(spec.CommandPrefix) > 0 && (transport != platform.SSH || !p.Shell) {
		return field.ErrorList{field.Invalid(path.Child("commandPrefix"), spec.CommandPrefix, "no shell runs the commands on "+spec.Platform+" over "+string(transport)+", so they cannot have a prefix")}
	}
	if transport != platform.SSH && spec.LegacyAlgorithms {
		return field.ErrorList{field.Invalid(path.Child("legacyAlgorithms"), true, "it is about SSH, and this router is reached over "+string(transport))}
	}
	return nil
}

// validateBMP wants to know whose connections to take.
func validateBMP(spec v1alpha1.BGPRouterSpec, path *field.Path) (errs field.ErrorList) {
	if spec.BMP == nil {
		return nil
	}
	addresses := path.Child("sourceAddresses")
	for i, s := range spec.BMP.SourceAddresses {
		if addr, err := netip.ParseAddr(s); err != nil || addr.Zone() != "" || addr.IsUnspecified() || addr.IsMulticast() {
			errs = append(errs, field.Invalid(addresses.Index(i), s, "must be the IP address of one host"))
		}
	}
	host, _, err := net.SplitHostPort(spec.Address)
	if err != nil {
		host = spec.Address
	}
	if _, err := netip.ParseAddr(host); err != nil && len(spec.BMP.SourceAddresses) == 0 {
		errs = append(errs, field.Required(addresses, "spec.address is a host name, so that the addresses from which the router connects must be given"))
	}
	return errs
}

func validateAddress(address string, path *field.Path) field.ErrorList {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = address, ""
	}
	if (err == nil && !isPort(port)) || !isHost(host) {
		return field.ErrorList{field.Invalid(path, address,
			`must be a host name or an IP address, with an optional port from 1 to 65535: "192.168.3.1", "edge.example.net:2222", "[fd00::1]:2222"`)}
	}
	return nil
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// isHost takes no name that ends in a number, which is a mistyped IPv4 address: no top-level domain is one (RFC 3696,
// section 2).
func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	_, err := strconv.ParseUint(s[strings.LastIndex(s, ".")+1:], 10, 64)
	return err != nil && len(validation.IsDNS1123Subdomain(s)) == 0
}
