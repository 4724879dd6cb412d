package uninstall

import (
	"context"
	"errors"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/taint"
)

// Concurrency is how many Nodes are cleaned at once. Two requests a Node, one after the other, would take minutes for
// thousands of them.
const Concurrency = 16

// shownFailures is how many Nodes that could not be cleaned are named.
const shownFailures = 5

// cleaned is what became of one Node.
type cleaned struct {
	trace Trace
	err   error
}

// cleanAll cleans the Nodes, and tells of each. Its error is about those that it could not clean.
func (u *Uninstaller) cleanAll(ctx context.Context, nodes []*corev1.Node) error {
	todo, done := make(chan *corev1.Node), make(chan cleaned)
	var workers sync.WaitGroup
	for range min(Concurrency, len(nodes)) {
		workers.Go(func() {
			for node := range todo {
				trace := TraceOn(node, u.Taint)
				done <- cleaned{trace, u.clean(ctx, node)}
			}
		})
	}
	go func() {
		for _, node := range nodes {
			todo <- node
		}
		close(todo)
		workers.Wait()
		close(done)
	}()
	var failures []error
	for c := range done {
		if c.err != nil {
			failures = append(failures, fmt.Errorf("cleaning node %s: %w", c.trace.Node, c.err))
			continue
		}
		u.Say(fmt.Sprintf("node/%s: %s removed", c.trace.Node, c.trace))
	}
	return summed(ctx, failures)
}

// summed is one error for several Nodes. Once the time is over, each fails for the same reason.
func summed(ctx context.Context, failures []error) error {
	switch {
	case len(failures) == 0:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%d nodes are not clean yet: %w", len(failures), ctx.Err())
	case len(failures) > shownFailures:
		more := fmt.Errorf("and %d nodes more", len(failures)-shownFailures)
		return errors.Join(append(failures[:shownFailures:shownFailures], more)...)
	}
	return errors.Join(failures...)
}

// dropCondition is the strategic merge patch that removes condition BGPPeered.
const dropCondition = `{"status":{"conditions":[{"$patch":"delete","type":"` + string(v1alpha1.NodeConditionBGPPeered) + `"}]}}`

// clean takes taint and annotations off a Node and then the condition: a manager that still runs says of an exempt node
// that it is. spec.taints is an atomic list: the resource version keeps what somebody else writes meanwhile from being
// undone. The Node is read again only if somebody did.
func (u *Uninstaller) clean(ctx context.Context, node *corev1.Node) error {
	stale := false
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		if stale {
			if err := u.Client.Get(ctx, client.ObjectKey{Name: node.Name}, node); err != nil {
				return err
			}
		}
		stale = true
		old := node.DeepCopy()
		node.Spec.Taints, _ = taint.Without(node.Spec.Taints, u.Taint)
		for _, key := range TraceOn(node, u.Taint).Annotations {
			delete(node.Annotations, key)
		}
		if err := u.Client.Patch(ctx, node, client.MergeFromWithOptions(old, client.MergeFromWithOptimisticLock{})); err != nil {
			return err
		}
		if !TraceOn(node, u.Taint).Condition {
			return nil
		}
		return u.Client.Status().Patch(ctx, node, client.RawPatch(types.StrategicMergePatchType, []byte(dropCondition)))
	})
	return client.IgnoreNotFound(err)
}
