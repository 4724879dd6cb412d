package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// steady is what a cluster costs in which nothing happens but heartbeats.
type steady struct {
	Nodes   int
	Seconds float64
	// Heartbeats are the statuses and leases that were written meanwhile.
	Statuses, Leases int
	// CPUPerThousand is the leader's, in CPU seconds a second and thousand nodes.
	CPUPerThousand float64
	// Writes and Webhooks are Peergate's, of Nodes and Events, and the calls of its webhooks.
	Writes, Webhooks int
	Polls            int
}

// The kubelet's rates: nodeStatusReportFrequency, and a quarter of the lease's 40 s.
const (
	statusEvery = 5 * time.Minute
	leaseEvery  = 10 * time.Second
)

// settling is how long everything is left alone before it is called steady.
const settling = 3 * time.Second

// measureSteady has all nodes of the last storm send heartbeats at the kubelet's rates.
func measureSteady(ctx context.Context, p plan, b *rig, r *report) error {
	nodes := p.sizes[len(p.sizes)-1]
	leader, err := b.leader()
	if err != nil {
		return err
	}
	if err := b.createLeases(ctx, nodes); err != nil {
		return err
	}
	if err := b.quiet(ctx); err != nil {
		return err
	}
	before, err := b.requests(ctx)
	if err != nil {
		return err
	}
	used, err := usageOf(leader.PID())
	if err != nil {
		return err
	}
	polls, began := b.edge.polls(), time.Now()
	beats, err := b.heartbeats(ctx, nodes, p.steady)
	if err != nil {
		return err
	}
	now, err := usageOf(leader.PID())
	if err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	after, err := b.requests(ctx)
	if err != nil {
		return err
	}
	d := after.minus(before)
	r.Steady = steady{
		Nodes: nodes, Seconds: took, Statuses: beats.statuses, Leases: beats.leases, Polls: b.edge.polls() - polls,
		CPUPerThousand: (now.cpu - used.cpu).Seconds() / took / float64(nodes) * 1000,
		Writes:         d.NodeSpec + d.NodeStatus + d.Refused + d.Events - beats.statuses, Webhooks: d.Webhooks,
	}
	return nil
}

// quiet waits until nothing has been written for a while.
func (b *rig) quiet(ctx context.Context) error {
	last, err := b.requests(ctx)
	if err != nil {
		return err
	}
	since := time.Now()
	return b.eventually(ctx, "nothing is written any more", func(ctx context.Context) (bool, error) {
		now, err := b.requests(ctx)
		now.NodeReads = last.NodeReads
		if now != last {
			last, since = now, time.Now()
		}
		return time.Since(since) > settling, err
	})
}

type beats struct{ statuses, leases int }

// heartbeats writes statuses and leases, evenly, for a time.
func (b *rig) heartbeats(ctx context.Context, nodes int, length time.Duration) (beats, error) {
	var group errgroup.Group
	counts := beats{statuses: int(int64(nodes) * int64(length) / int64(statusEvery)), leases: int(int64(nodes) * int64(length) / int64(leaseEvery))}
	counts.statuses = max(counts.statuses, 1)
	group.Go(func() error {
		return evenly(ctx, counts.statuses, length, func(i int) error { return b.postStatus(ctx, name(i%nodes)) })
	})
	group.Go(func() error {
		return evenly(ctx, counts.leases, length, func(i int) error { return b.renewLease(ctx, name(i%nodes)) })
	})
	return counts, group.Wait()
}

// evenly does something so many times, spread over a length of time, as many at once as that takes.
func evenly(ctx context.Context, times int, length time.Duration, do func(i int) error) error {
	var group errgroup.Group
	group.SetLimit(atOnce)
	began := time.Now()
	for i := range times {
		at := began.Add(length * time.Duration(i) / time.Duration(times))
		if err := pause(ctx, time.Until(at)); err != nil {
			return err
		}
		group.Go(func() error { return do(i) })
	}
	if err := pause(ctx, time.Until(began.Add(length))); err != nil {
		return err
	}
	return group.Wait()
}

// name is that of a node of the last storm.
func name(i int) string { return newName("held", i) }

// postStatus patches what a kubelet patches in its status when nothing has changed: the heartbeats of its conditions.
func (b *rig) postStatus(ctx context.Context, node string) error {
	return patch(ctx, b.nodes, node, types.StrategicMergePatchType, "status", map[string]any{
		"status": map[string]any{"conditions": kubeletConditions(metav1.Now())},
	})
}

func (b *rig) createLeases(ctx context.Context, nodes int) error {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i := range nodes {
		group.Go(func() error {
			lease := &coordinationv1.Lease{
				ObjectMeta: metav1.ObjectMeta{Namespace: corev1.NamespaceNodeLease, Name: name(i)},
				Spec:       coordinationv1.LeaseSpec{HolderIdentity: new(name(i)), RenewTime: new(metav1.NowMicro())},
			}
			_, err := b.nodes.CoordinationV1().Leases(lease.Namespace).Create(ctx, lease, metav1.CreateOptions{})
			if apierrors.IsAlreadyExists(err) {
				return nil
			}
			return err
		})
	}
	return group.Wait()
}

func (b *rig) renewLease(ctx context.Context, node string) error {
	patch := fmt.Appendf(nil, `{"spec":{"renewTime":%q}}`, time.Now().UTC().Format(metav1.RFC3339Micro))
	return b.nodes.CoordinationV1().RESTClient().Patch(types.MergePatchType).Namespace(corev1.NamespaceNodeLease).
		Resource("leases").Name(node).Body(patch).Do(ctx).Error()
}
