package webhooks

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/peergate/peergate/internal/metrics"
)

// NodeValidator guards what Peergate decides by and what it decides: the taint and the peergate.dev/ annotations of a
// Node may be changed by those only who have the verb exempt.
type NodeValidator struct {
	Taint  corev1.Taint
	Access Access
}

var _ admission.Validator[*corev1.Node] = &NodeValidator{}

// ValidateCreate allows everything: what a Node brings is the matter of NodeDefaulter.
func (v *NodeValidator) ValidateCreate(context.Context, *corev1.Node) (admission.Warnings, error) {
	return nil, nil
}

// ValidateDelete allows everything.
func (v *NodeValidator) ValidateDelete(context.Context, *corev1.Node) (admission.Warnings, error) {
	return nil, nil
}

// ValidateUpdate refuses a change of the taint or of an annotation to those who may not make it.
func (v *NodeValidator) ValidateUpdate(ctx context.Context, old, node *corev1.Node) (admission.Warnings, error) {
	what := v.changed(old, node)
	if what == "" {
		return nil, nil
	}
	req, err := admission.RequestFromContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the admission request: %w", err)
	}
	if err := v.Access.MayChange(ctx, req.UserInfo, node.Name, what); err != nil {
		metrics.Admitted(either(err, metrics.RefusedByGuard, metrics.UncheckedByGuard))
		return nil, err
	}
	metrics.Admitted(metrics.AllowedByGuard)
	return nil, nil
}

// changed names what of Peergate's is not as it was. Adding the taint is not guarded: it closes a node, and whoever
// writes back an older list of taints must not be refused for it.
func (v *NodeValidator) changed(old, node *corev1.Node) string {
	for _, key := range append(ownAnnotations(old), ownAnnotations(node)...) {
		before, had := old.Annotations[key]
		after, has := node.Annotations[key]
		if before != after || had != has {
			return "annotation " + key
		}
	}
	for _, t := range old.Spec.Taints {
		if t.Key == v.Taint.Key && !contains(node.Spec.Taints, t) {
			return "taint " + t.Key
		}
	}
	return ""
}

func contains(taints []corev1.Taint, t corev1.Taint) bool {
	for i := range taints {
		if equality.Semantic.DeepEqual(taints[i], t) {
			return true
		}
	}
	return false
}
