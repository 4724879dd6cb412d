package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// atOnce is how many nodes Peergate works on at once, and so how many the floor does, and how many join at once.
const atOnce = 16

// addresses are those of the first nodes of every set.
func addresses(nodes int) []string {
	all := make([]string, nodes)
	for i := range all {
		all[i] = address(i)
	}
	return all
}

// join creates the nodes of a set, atOnce at a time; change may add to each.
func (b *rig) join(ctx context.Context, set string, nodes int, change ...func(*corev1.Node)) error {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i := range nodes {
		group.Go(func() error {
			n := newNode(set, i)
			for _, f := range change {
				f(n)
			}
			return b.create(ctx, n)
		})
	}
	return group.Wait()
}

// create does not read the answer.
func (b *rig) create(ctx context.Context, n *corev1.Node) error {
	err := b.nodes.CoreV1().RESTClient().Post().Resource("nodes").Body(n).SetHeader("Accept", metadataOnly).Do(ctx).Error()
	if err != nil {
		return fmt.Errorf("creating node %s: %w", n.Name, err)
	}
	return nil
}

// removeNodes deletes all nodes, and waits until there are none.
func (b *rig) removeNodes(ctx context.Context) error {
	zero := int64(0)
	err := b.nodes.CoreV1().Nodes().DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: &zero}, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("deleting all nodes: %w", err)
	}
	return b.eventually(ctx, "there are no nodes", func(ctx context.Context) (bool, error) {
		list, err := b.nodes.CoreV1().Nodes().List(ctx, metav1.ListOptions{Limit: 1})
		return err == nil && len(list.Items) == 0, err
	})
}

// stopLeader ends the replica, so that nothing but the API server is at work.
func (b *rig) stopLeader() error {
	leader, err := b.leader()
	if err != nil {
		return err
	}
	return leader.Stop()
}

// startLeader starts a replica, and waits until it leads: until it has asked the router.
func (b *rig) startLeader(ctx context.Context) error {
	before := b.edge.polls()
	if _, err := b.peergate.StartReplica(ctx); err != nil {
		return err
	}
	return b.eventually(ctx, "the new leader asks the router", func(context.Context) (bool, error) {
		_, err := b.leader()
		return b.edge.polls() > before, err
	})
}

// since is in seconds, from one time to another.
func seconds(from, to time.Time) float64 { return to.Sub(from).Seconds() }
