package routerpoll

import (
	"context"
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/eventnote"
	"github.com/peergate/peergate/internal/nodeaddress"
	"github.com/peergate/peergate/internal/verdict"
)

// writeStatus brings the router's status up to date. It writes, and tells of it in an Event, only what has changed.
func (r *Reconciler) writeStatus(ctx context.Context, router *v1alpha1.BGPRouter, t *target) error {
	old := router.DeepCopy()
	status := &router.Status
	status.ObservedGeneration = router.Generation
	before := meta.FindStatusCondition(old.Status.Conditions, v1alpha1.ConditionReachable)
	condition, known := r.reachable(router, t)
	if !known {
		return nil
	}
	meta.SetStatusCondition(&status.Conditions, condition)
	r.setBMPConnected(router)
	if err := r.summarize(ctx, router, t, condition.Status == metav1.ConditionTrue); err != nil {
		return err
	}
	if equality.Semantic.DeepEqual(old.Status, router.Status) {
		return nil
	}
	if err := r.Client.Status().Patch(ctx, router, client.MergeFrom(old)); apierrors.IsNotFound(err) {
		return nil // it was deleted since
	} else if err != nil {
		return fmt.Errorf("writing the status of BGPRouter %s: %w", router.Name, err)
	}
	if t.told == "" && before != nil {
		t.told = before.Reason
	}
	if t.told != condition.Reason {
		r.recordReachable(ctx, router, condition)
	}
	t.told = condition.Reason
	return nil
}

// reachable is the condition Reachable; it is not known before the first poll.
func (r *Reconciler) reachable(router *v1alpha1.BGPRouter, t *target) (c metav1.Condition, known bool) {
	c = metav1.Condition{Type: v1alpha1.ConditionReachable, ObservedGeneration: router.Generation}
	switch {
	case t.failures > 0:
		c.Status, c.Reason, c.Message = metav1.ConditionFalse, string(t.failure.Reason), t.failure.Message
	case r.Table.Summary(router.Name).AskedAt.IsZero():
		return c, false
	default:
		c.Status, c.Reason, c.Message = metav1.ConditionTrue, v1alpha1.ReasonAnswered, "The router answers."
	}
	return c, true
}

func (r *Reconciler) summarize(ctx context.Context, router *v1alpha1.BGPRouter, t *target, reachable bool) error {
	status, summary := &router.Status, r.Table.Summary(router.Name)
	status.LastContact = nil
	if !reachable {
		if !summary.AskedAt.IsZero() {
			at := metav1.NewTime(summary.AskedAt).Rfc3339Copy()
			status.LastContact = &at
		}
		return nil
	}
	if err := r.countStray(ctx, router, t); err != nil {
		return err
	}
	status.RouterID = ""
	if summary.RouterID.IsValid() {
		status.RouterID = summary.RouterID.String()
	}
	status.LocalASN = int64(summary.LocalASN)
	status.Sessions = &v1alpha1.SessionCounts{Established: int32(summary.Established), Down: int32(summary.Down)}
	status.StrayNeighbors = new(t.stray)
	return nil
}

// countStray counts the stray neighbors anew if the count is older than half an interval: all neighbors are held against
// all nodes, which for a router that is asked every second would be most of the work.
func (r *Reconciler) countStray(ctx context.Context, router *v1alpha1.BGPRouter, t *target) error {
	now := r.Clock.Now()
	if !t.strayAt.IsZero() && now.Sub(t.strayAt) < router.Spec.Poll.Interval.Duration/2 {
		return nil
	}
	stray, err := r.strayNeighbors(ctx, router.Name)
	if err == nil {
		t.stray, t.strayAt = stray, now
	}
	return err
}

// strayNeighbors counts the neighbors of a router that are no node.
func (r *Reconciler) strayNeighbors(ctx context.Context, router string) (int32, error) {
	var nodes corev1.NodeList
	if err := r.Client.List(ctx, &nodes, client.UnsafeDisableDeepCopy); err != nil {
		return 0, fmt.Errorf("listing nodes to count the stray neighbors of router %s: %w", router, err)
	}
	known := make(map[netip.Addr]bool, len(nodes.Items))
	for i := range nodes.Items {
		for _, a := range nodeaddress.Of(&nodes.Items[i]) {
			known[a] = true
		}
	}
	var stray int32
	r.Table.Peers(router, func(peer netip.Addr, sessions []verdict.Session) bool {
		if !known[peer] {
			stray += int32(len(sessions))
		}
		return true
	})
	return stray, nil
}

// recordReachable tells, in one line of the log and one Event, that the router has begun to answer or ceased to, or does
// not answer for another reason.
func (r *Reconciler) recordReachable(ctx context.Context, router *v1alpha1.BGPRouter, c metav1.Condition) {
	log.FromContext(ctx).Info("Router changed", "reachable", c.Status, "reason", c.Reason, "message", c.Message)
	if c.Status == metav1.ConditionTrue {
		r.Recorder.Eventf(router, nil, corev1.EventTypeNormal, c.Reason, "Poll", "Router %s answers", router.Name)
		return
	}
	r.Recorder.Eventf(router, nil, corev1.EventTypeWarning, c.Reason, "Poll", "%s",
		eventnote.Of(fmt.Sprintf("Reading sessions from router %s: %s", router.Name, c.Message)))
}
