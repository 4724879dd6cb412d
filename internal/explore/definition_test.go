package explore

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// definition is the CustomResourceDefinition of PeeringPolicy.
type definition struct {
	gone, going bool
	createdAt   time.Time
}

// stands is true if nobody has deleted it since a node was given its taint: that there is no policy is somebody's will.
func (d definition) stands(node *corev1.Node) bool {
	return !d.gone && !d.going && d.createdAt.Before(taintAdded(node))
}

func taintAdded(node *corev1.Node) time.Time {
	for _, t := range node.Spec.Taints {
		if t.Key == ownTaint.Key && t.TimeAdded != nil {
			return t.TimeAdded.Time
		}
	}
	return node.CreationTimestamp.Time
}

// definitionTurns deletes the definition, in the API server's two steps, and then creates it anew. Its policies go with
// the first.
func definitionTurns() action {
	return action{name: "the definition is marked as deleted; or goes; or comes back", do: func(w *world) {
		switch d := &w.server.definition; {
		case d.gone:
			*d = definition{createdAt: w.clock.Now()}
		case d.going:
			d.gone = true
		default:
			d.going, w.server.policies = true, nil
		}
	}}
}

// policyReturns is what somebody does who restores a definition.
func policyReturns() action {
	return action{
		name: "the policy is applied",
		enabled: func(w *world) bool {
			return len(w.server.policies) == 0 && !w.server.definition.gone && !w.server.definition.going
		},
		do: func(w *world) { w.allow(w.mayBeLost) },
	}
}

func (l live) Get(_ context.Context, key client.ObjectKey, o client.Object, _ ...client.GetOption) error {
	d := l.server.definition
	if d.gone {
		return apierrors.NewNotFound(schema.GroupResource{Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions"}, key.Name)
	}
	answer := o.(*metav1.PartialObjectMetadata)
	answer.CreationTimestamp = metav1.NewTime(d.createdAt)
	if d.going {
		now := metav1.NewTime(l.server.clock.Now())
		answer.DeletionTimestamp = &now
	}
	return nil
}
