package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/taint"
)

// release writes what Peergate writes when it releases a node, in the same order and form and with the same account, for a
// client that knows beforehand what is to be written.
func (b *rig) release(ctx context.Context, n *corev1.Node) error {
	if err := b.patchCondition(ctx, n, corev1.ConditionTrue); err != nil {
		return err
	}
	without, _ := taint.Without(n.Spec.Taints, ownTaint)
	ops := []map[string]any{
		{"op": "test", "path": "/metadata/uid", "value": n.UID},
		{"op": "test", "path": "/spec/taints", "value": n.Spec.Taints},
	}
	if len(without) > 0 {
		ops = append(ops, map[string]any{"op": "add", "path": "/spec/taints", "value": without})
	} else {
		ops = append(ops, map[string]any{"op": "remove", "path": "/spec/taints"})
	}
	ops = append(ops, map[string]any{
		"op": "add", "path": "/metadata/annotations/peergate.dev~1confirmed-at", "value": time.Now().UTC().Format(time.RFC3339),
	})
	return patch(ctx, b.manager, n.Name, types.JSONPatchType, "", ops)
}

func (b *rig) patchCondition(ctx context.Context, n *corev1.Node, status corev1.ConditionStatus) error {
	now := metav1.Now()
	return patch(ctx, b.manager, n.Name, types.StrategicMergePatchType, "status", map[string]any{
		"metadata": map[string]any{"uid": n.UID},
		"status": map[string]any{"conditions": []corev1.NodeCondition{{
			Type: v1alpha1.NodeConditionBGPPeered, Status: status, Reason: "SessionEstablished",
			Message:           "Router " + routerName + " has an Established session with " + n.Status.Addresses[0].Address + ".",
			LastHeartbeatTime: now, LastTransitionTime: now,
		}}},
	})
}

// metadataOnly asks for no more of a Node in the answer than Peergate does, so that the floor is the lower of the two.
const metadataOnly = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

// patch does not read the answer.
func patch(ctx context.Context, as *kubernetes.Clientset, name string, kind types.PatchType, subresource string, content any) error {
	body, err := json.Marshal(content)
	if err != nil {
		return err
	}
	request := as.CoreV1().RESTClient().Patch(kind).Resource("nodes").Name(name).Body(body).SetHeader("Accept", metadataOnly)
	if subresource != "" {
		request = request.SubResource(subresource)
	}
	if err := request.Do(ctx).Error(); err != nil {
		return fmt.Errorf("patching node %s: %w", name, err)
	}
	return nil
}

// floorOfJoin is what it costs until a set of nodes has joined and is released, when the client that does so knows
// beforehand what to write. The nodes stay.
func (b *rig) floorOfJoin(ctx context.Context, set string, nodes int) (cost, error) {
	fresh, seen := make(chan *corev1.Node, nodes), make(map[string]bool, nodes)
	line, err := b.await(ctx, nodes, func(n *corev1.Node) bool {
		if tainted(n) && !seen[n.Name] {
			seen[n.Name] = true
			fresh <- n
		}
		return !tainted(n)
	})
	if err != nil {
		return cost{}, err
	}
	return b.releaseFrom(ctx, line, fresh, func(ctx context.Context) error { return b.join(ctx, set, nodes, bare) })
}

// floorOfRelease is what it costs to release nodes that are held.
func (b *rig) floorOfRelease(ctx context.Context, nodes []*corev1.Node) (cost, error) {
	held := make(chan *corev1.Node, len(nodes))
	for _, n := range nodes {
		held <- n
	}
	line, err := b.await(ctx, len(nodes), func(n *corev1.Node) bool { return !tainted(n) })
	if err != nil {
		return cost{}, err
	}
	return b.releaseFrom(ctx, line, held, func(context.Context) error { return nil })
}

// releaseFrom is what it costs to do something and to release nodes meanwhile, atOnce at a time, until the line says that
// all are.
func (b *rig) releaseFrom(ctx context.Context, line *finish, nodes <-chan *corev1.Node, do func(context.Context) error) (cost, error) {
	defer line.stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return b.costing(func() (float64, error) {
		began := time.Now()
		group, working := errgroup.WithContext(ctx)
		for range atOnce {
			group.Go(func() error { return b.releaseAll(working, nodes, line.done) })
		}
		group.Go(func() error { return do(working) })
		if err := group.Wait(); err != nil {
			return 0, err
		}
		last, err := line.wait(ctx)
		return seconds(began, last), err
	})
}

// releaseAll releases one node after the other until done.
func (b *rig) releaseAll(ctx context.Context, nodes <-chan *corev1.Node, done <-chan struct{}) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-done:
			return nil
		case n := <-nodes:
			if err := b.release(ctx, n); err != nil {
				return err
			}
		}
	}
}

// bare makes a Node what the webhook makes of it, without the webhook.
func bare(n *corev1.Node) {
	n.Labels[bareLabel] = ""
	n.Spec.Taints, _ = taint.With(n.Spec.Taints, ownTaint, time.Now())
}
