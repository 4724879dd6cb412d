package main

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
)

// massLoss is what happens when a router says in one answer that all sessions are down.
type massLoss struct {
	Nodes int
	// Guard is how long it took until the policy said that the guard has tripped, Told until every node said that it has
	// lost its session, both in seconds since the router's answer.
	Guard, Told float64
	// Tainted is how many nodes were tainted for it.
	Tainted    int
	CPUSeconds float64
	Requests   requests
}

// measureMassLoss takes the sessions of all nodes of the last storm down.
func measureMassLoss(ctx context.Context, p plan, b *rig, r *report) error {
	m := massLoss{Nodes: p.sizes[len(p.sizes)-1]}
	leader, err := b.leader()
	if err != nil {
		return err
	}
	line, err := b.await(ctx, m.Nodes, func(n *corev1.Node) bool { return says(n, corev1.ConditionFalse) })
	if err != nil {
		return err
	}
	defer line.stop()
	var lost phase
	err = b.phase(ctx, leader.PID(), &lost, func() (float64, error) {
		down := b.edge.set(false, addresses(m.Nodes)...)
		tripped, err := b.guardTrips(ctx)
		if err != nil {
			return 0, err
		}
		last, err := line.wait(ctx)
		if err != nil {
			return 0, err
		}
		told, ok := b.edge.toldOf(0, down)
		if !ok {
			return 0, errors.New("the guard has tripped before the router had said that all sessions are down")
		}
		m.Guard = seconds(told, tripped)
		return seconds(told, last), pause(ctx, settling)
	})
	if err != nil {
		return err
	}
	m.Told, m.CPUSeconds, m.Requests = lost.Seconds, lost.CPUSeconds, lost.Requests
	if m.Tainted, err = b.countTainted(ctx); err != nil {
		return err
	}
	r.MassLoss = m
	return nil
}

// guardTrips returns when the policy was seen to say that its guard has tripped.
func (b *rig) guardTrips(ctx context.Context) (time.Time, error) {
	err := b.eventually(ctx, "the guard has tripped", func(ctx context.Context) (bool, error) {
		var policy v1alpha1.PeeringPolicy
		err := b.objects.Get(ctx, client.ObjectKey{Name: policyName}, &policy)
		return meta.IsStatusConditionTrue(policy.Status.Conditions, v1alpha1.ConditionDisruptionGuard), err
	})
	return time.Now(), err
}

func (b *rig) countTainted(ctx context.Context) (int, error) {
	list, err := b.nodes.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return 0, err
	}
	count := 0
	for i := range list.Items {
		if tainted(&list.Items[i]) {
			count++
		}
	}
	return count, nil
}
