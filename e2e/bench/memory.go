package main

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// memory is what a leader has in memory that finds all nodes there when it starts.
type memory struct {
	Nodes, Images int
	// PeakMiB is the most while it read them, ResidentMiB what stays.
	PeakMiB, ResidentMiB float64
}

// readOn is how long a leader is left alone after it has asked the router, for its garbage collector to be done with
// what it read at its start.
const readOn = 10 * time.Second

// measureMemory starts a new leader among the nodes of the last storm.
func measureMemory(ctx context.Context, p plan, b *rig, r *report) error {
	if err := b.stopLeader(); err != nil {
		return err
	}
	if err := b.startLeader(ctx); err != nil {
		return err
	}
	if err := b.quiet(ctx); err != nil {
		return err
	}
	if err := pause(ctx, readOn); err != nil {
		return err
	}
	leader, err := b.leader()
	if err != nil {
		return err
	}
	used, err := usageOf(leader.PID())
	if err != nil {
		return err
	}
	node, err := b.nodes.CoreV1().Nodes().Get(ctx, name(0), metav1.GetOptions{})
	if err != nil {
		return err
	}
	r.Memory = memory{
		Nodes: p.sizes[len(p.sizes)-1], Images: imagesOf(node), PeakMiB: mebibytes(used.peak), ResidentMiB: mebibytes(used.resident),
	}
	return nil
}

func imagesOf(n *corev1.Node) int { return len(n.Status.Images) }
