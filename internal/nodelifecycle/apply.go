package nodelifecycle

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

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
	taintChanged, err := r.applyTaint(ctx, node, in, d)
	if err != nil {
		return staleOr(err, "writing the taint of node "+node.Name)
	}
	if !conditionFirst {
		if err := r.applyCondition(ctx, node, condition); err != nil {
			return staleOr(err, "writing the condition of node "+node.Name)
		}
	}
	if taintChanged || condition.news {
		r.record(node, d)
	}
	return condition.after, nil
}

// staleOr tells a write that came too late from one that failed.
func staleOr(err error, doing string) (time.Duration, error) {
	switch {
	case apierrors.IsNotFound(err):
		return 0, nil
	// A JSON Patch whose test fails is answered with 422, a precondition on the UID with 409.
	case apierrors.IsConflict(err), apierrors.IsInvalid(err):
		return staleRetry, nil
	}
	return 0, fmt.Errorf("%s: %w", doing, err)
}

func (r *Reconciler) applyTaint(ctx context.Context, node *corev1.Node, in verdict.Input, d verdict.Decision) (changed bool, err error) {
	taints := node.Spec.Taints
	switch d.Taint {
	case verdict.AddTaint:
		taints, changed = taint.With(taints, r.Taint, in.Now)
	case verdict.RemoveTaint:
		taints, changed = taint.Without(taints, r.Taint)
	}
	if !changed && !d.Confirm {
		return false, nil
	}
	ops := guardUID(node)
	if d.State == verdict.Exempt {
		ops = append(ops, guardExemption(node))
	}
	if changed {
		ops = append(ops, replaceTaints(node.Spec.Taints, taints)...)
	}
	if d.Confirm {
		ops = append(ops, confirm(node, in.Now)...)
	}
	patch, err := json.Marshal(ops)
	if err != nil {
		return false, fmt.Errorf("encoding the patch: %w", err)
	}
	answer := &corev1.Node{ObjectMeta: nameOf(node)}
	if err := r.Client.Patch(ctx, answer, client.RawPatch(types.JSONPatchType, patch)); err != nil {
		return false, err
	}
	r.written.put(answer)
	r.taintWritten(ctx, node, in, d, changed)
	return changed, nil
}

func (r *Reconciler) taintWritten(ctx context.Context, node *corev1.Node, in verdict.Input, d verdict.Decision, changed bool) {
	logger := log.FromContext(ctx)
	if !changed {
		logger.Info("Confirmed the node", "state", d.State)
		return
	}
	action := "added"
	if d.Taint == verdict.RemoveTaint {
		action = "removed"
		if d.Confirm {
			metrics.GateOpened(in.Now.Sub(taintAdded(node, r.Taint)))
		}
	}
	metrics.TaintChanged(action, string(d.Condition.Reason))
	logger.Info("Changed the taint", "action", action, "state", d.State, "reason", d.Condition.Reason)
}

func taintAdded(node *corev1.Node, own corev1.Taint) time.Time {
	for _, t := range node.Spec.Taints {
		if t.Key == own.Key && t.TimeAdded != nil {
			return t.TimeAdded.Time
		}
	}
	return node.CreationTimestamp.Time
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
