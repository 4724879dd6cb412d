package nodelifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// A CustomResourceDefinition that is deleted takes every policy with it, which nobody may have meant to delete. That no
// policy is left opens a node only where the definition is there to stay.

// errUndefined is that nobody can say which policies there are.
var errUndefined = errors.New("the definition of PeeringPolicy is gone, or too new to say that no policy is left")

const (
	definitionName = "peeringpolicies.peergate.dev"
	// undefinedRetry is how soon a node is looked at again whose policies are unknown. Policies that come bring it back
	// by themselves.
	undefinedRetry = 30 * time.Second
	// restoreTime is how long a definition that is newer than a node's taint has to be there before it is believed that
	// there is no policy: those who restore it apply the policies after it.
	restoreTime = 10 * time.Minute
)

// undefined tells an API server that has no such definition from one that fails.
func undefined(err error) error {
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
		return errUndefined
	}
	return err
}

// checkDefinition returns errUndefined if the taint of a node that no policy selects may be that of a policy which went
// with its definition. It must be called after the policies were listed: they go once their definition is marked.
func (r *Reconciler) checkDefinition(ctx context.Context, node *corev1.Node) error {
	definition := &metav1.PartialObjectMetadata{}
	definition.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"})
	if err := r.Live.Get(ctx, types.NamespacedName{Name: definitionName}, definition); err != nil {
		return undefined(fmt.Errorf("reading the definition of PeeringPolicy: %w", err))
	}
	created := definition.CreationTimestamp.Time
	isNewer := !created.Before(taintAdded(node, r.Taint))
	if !definition.DeletionTimestamp.IsZero() || isNewer && r.Clock.Since(created) < restoreTime {
		return errUndefined
	}
	return nil
}
