package nodelifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/taint"
	"github.com/peergate/peergate/internal/verdict"
)

// staleRetry is how soon a node is looked at again when a write was refused because somebody else had changed what it
// was based on. The change itself arrives on the watch, usually before that.
const staleRetry = 500 * time.Millisecond

// apply writes what the decision changes. again is positive if it has to be called again after that time: there is more
// to write, or the node had changed meanwhile.
func (r *Reconciler) apply(ctx context.Context, node *corev1.Node, in verdict.Input, d verdict.Decision) (again time.Duration, err error) {
	condition := writeCondition(node, d.Condition, in.Now)
	// A process may be killed between the two writes. A node that is open while its condition still says since when it
	// had been without its sessions would be closed again without a grace period.
	conditionFirst := d.Taint == verdict.RemoveTaint
	if conditionFirst {
		if err := r.applyCondition(ctx, node, condition); err != nil {
			return staleOr(err, "writing the condition of node "+node.Name)
		}
	}
	taintChange, err := r.applyTaint(ctx, node, in, d)
	if err != nil {
		return staleOr(err, "writing the taint of node "+node.Name)
	}
	if !conditionFirst {
		if err := r.applyCondition(ctx, node, condition); err != nil {
			return staleOr(err, "writing the condition of node "+node.Name)
		}
	}
	if taintChange != taintKept || condition.news {
		r.record(ctx, node, d, taintChange)
	}
	return condition.after, nil
}

// staleOr tells a write that came too late from one that failed.
func staleOr(err error, doing string) (time.Duration, error) {
	switch {
	case apierrors.IsNotFound(err):
		return 0, nil
	// A JSON Patch whose test fails is answered with 422, a precondition on the UID with 409.
	case apierrors.IsConflict(err), apierrors.IsInvalid(err) && !namesField(err):
		return staleRetry, nil
	}
	return 0, fmt.Errorf("%s: %w", doing, err)
}

// namesField is true if a Node was refused for what it would hold: with annotations as long as they may be, say. That
// helps no sooner for being tried again, and somebody has to learn of it.
func namesField(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && status.Status().Details != nil &&
		slices.ContainsFunc(status.Status().Details.Causes, func(c metav1.StatusCause) bool { return c.Field != "" })
}

// taintKept stands beside the actions of package metrics in the log: a condition can change without the taint.
const taintKept metrics.TaintAction = "kept"

func (r *Reconciler) applyTaint(ctx context.Context, node *corev1.Node, in verdict.Input, d verdict.Decision) (metrics.TaintAction, error) {
	taints, changed := node.Spec.Taints, false
	switch d.Taint {
	case verdict.AddTaint:
		taints, changed = taint.With(taints, r.Taint, in.Now)
	case verdict.RemoveTaint:
		taints, changed = taint.Without(taints, r.Taint)
	}
	if !changed && !d.Confirm {
		return taintKept, nil
	}
	ops := guardUID(node)
	if d.State == verdict.Exempt {
		ops = append(ops, guardExemption(node))
	}
	if changed {
		ops = append(ops, replaceTaints(node.Spec.Taints, taints)...)
	}
	if d.Confirm {
		ops = append(ops, stamp(node, v1alpha1.AnnotationConfirmedAt, in.Now)...)
	}
	if d.Reopen {
		ops = append(ops, stamp(node, v1alpha1.AnnotationReopenedAt, in.Now)...)
	}
	patch, err := json.Marshal(ops)
	if err != nil {
		return taintKept, fmt.Errorf("encoding the patch: %w", err)
	}
	answer := &corev1.Node{ObjectMeta: nameOf(node)}
	if err := r.Client.Patch(ctx, answer, client.RawPatch(types.JSONPatchType, patch)); err != nil {
		return taintKept, err
	}
	r.written.put(answer)
	if !changed {
		return taintKept, nil
	}
	return r.countTaint(node, in, d), nil
}

func (r *Reconciler) countTaint(node *corev1.Node, in verdict.Input, d verdict.Decision) metrics.TaintAction {
	action := metrics.TaintAdded
	if d.Taint == verdict.RemoveTaint {
		action = metrics.TaintRemoved
	}
	if action == metrics.TaintRemoved && d.Confirm {
		metrics.GateOpened(in.Now.Sub(taintAdded(node, r.Taint)))
	}
	metrics.TaintChanged(action, string(reasonOf(d)))
	return action
}

func taintAdded(node *corev1.Node, own corev1.Taint) time.Time {
	if at := taintedAt(node, own); !at.IsZero() {
		return at
	}
	return node.CreationTimestamp.Time
}

// taintedAt is when the taint says it was added; zero if it does not, or is not there.
func taintedAt(node *corev1.Node, own corev1.Taint) time.Time {
	for _, t := range node.Spec.Taints {
		if t.Key == own.Key && t.TimeAdded != nil {
			return t.TimeAdded.Time
		}
	}
	return time.Time{}
}

func (r *Reconciler) applyCondition(ctx context.Context, node *corev1.Node, w conditionWrite) error {
	if w.element == nil {
		return nil
	}
	patch, err := conditionPatch(node, w.element)
	if err != nil {
		return err
	}
	answer := &corev1.Node{ObjectMeta: nameOf(node)}
	if err := r.Client.Status().Patch(ctx, answer, client.RawPatch(types.StrategicMergePatchType, patch)); err != nil {
		return err
	}
	r.written.put(answer)
	return nil
}
