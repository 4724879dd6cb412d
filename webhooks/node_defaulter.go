// Package webhooks holds the admission webhooks: the taint that every Node gets with its first write, the guard of what
// Peergate reads and writes on a Node, and the validation of Peergate's own objects. They run on every replica, keep no
// state and ask no router.
package webhooks

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/taint"
)

// nodesGroup holds the identities of all kubelets.
const nodesGroup = "system:nodes"

// NodeDefaulter taints a Node at its creation, before the scheduler can see it. What it reads and changes of a Node is all
// that NodeHandler brings it: metadata and taints.
type NodeDefaulter struct {
	Taint  corev1.Taint
	Clock  clock.PassiveClock
	Access Access
}

var _ admission.Defaulter[*corev1.Node] = &NodeDefaulter{}

// Default adds the taint, unless somebody who may says in the same write that the node is exempt. What a node's own
// identity says of itself is dropped and not refused, so that the node still registers.
func (d *NodeDefaulter) Default(ctx context.Context, node *corev1.Node) error {
	req, err := admission.RequestFromContext(ctx)
	if err != nil {
		return fmt.Errorf("reading the admission request: %w", err)
	}
	// Nobody confirms or reopens a node before it exists; a backup that is restored brings what was true of another.
	delete(node.Annotations, v1alpha1.AnnotationConfirmedAt)
	delete(node.Annotations, v1alpha1.AnnotationReopenedAt)
	if own := ownAnnotations(node); len(own) > 0 {
		if slices.Contains(req.UserInfo.Groups, nodesGroup) {
			maps.DeleteFunc(node.Annotations, isOwn)
		} else if err := d.Access.MayChange(ctx, req.UserInfo, node.Name, "annotation "+own[0]); err != nil {
			metrics.Admitted(either(err, metrics.RefusedAtCreate, metrics.UncheckedAtCreate))
			return err
		}
	}
	if strings.TrimSpace(node.Annotations[v1alpha1.AnnotationExempt]) != "" {
		metrics.Admitted(metrics.CreatedExempt)
		return nil
	}
	node.Spec.Taints, _ = taint.With(node.Spec.Taints, d.Taint, d.Clock.Now())
	metrics.Admitted(metrics.Tainted)
	return nil
}

func isOwn(key, _ string) bool { return strings.HasPrefix(key, v1alpha1.AnnotationPrefix) }

func ownAnnotations(node *corev1.Node) []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(node.Annotations)) {
		if isOwn(key, "") {
			keys = append(keys, key)
		}
	}
	return keys
}

// either is refused for a user who lacks a right, and unchecked where that is not known.
func either(err error, refused, unchecked metrics.Decision) metrics.Decision {
	if apierrors.IsForbidden(err) {
		return refused
	}
	return unchecked
}
