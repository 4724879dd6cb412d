package main

import (
	"context"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
)

// gate is how long a node waits for its release once the router has its session Established.
type gate struct {
	Source  string
	Latency spread
	// Bare is how long a bare patch of the same Nodes takes until it is seen, if that was measured.
	Bare *spread `json:",omitempty"`
	// BoundP50 and BoundP99 are in milliseconds; 0 is none.
	BoundP50, BoundP99 float64
}

// fastInterval is the default of spec.poll.fastInterval.
const fastInterval = time.Second

// batch is how many nodes join at once, and then wait: one that joins has the router asked at once, for the others too.
const batch = 50

// measureGate has nodes join, a batch at a time. The session of each comes up at any moment of the next eight seconds, which
// is as long as a BGP speaker that has just been started may take, and in which the router is asked every fastInterval.
func measureGate(ctx context.Context, p plan, b *rig, r *report) error {
	var latencies []time.Duration
	for from := 0; from < p.releases; from += batch {
		took, err := b.releaseBatch(ctx, from, min(from+batch, p.releases))
		if err != nil {
			return err
		}
		latencies = append(latencies, took...)
	}
	command, err := b.pollTime(ctx)
	if err != nil {
		return err
	}
	r.Gates = append(r.Gates, gate{
		Source: "polling over SSH", Latency: spreadOf(latencies), BoundP99: milliseconds(fastInterval + command),
	})
	b.edge.clear()
	return b.removeNodes(ctx)
}

// releaseBatch returns how long each of the nodes from one number to another was kept after its session had come up.
func (b *rig) releaseBatch(ctx context.Context, from, to int) ([]time.Duration, error) {
	line, err := b.await(ctx, to-from, func(n *corev1.Node) bool { return !tainted(n) && n.Name >= newName("gate", from) })
	if err != nil {
		return nil, err
	}
	defer line.stop()
	up := make([]time.Time, to-from)
	var group errgroup.Group
	for i := range up {
		group.Go(func() error {
			if err := b.create(ctx, newNode("gate", from+i)); err != nil {
				return err
			}
			err := pause(ctx, time.Second+rand.N(8*time.Second))
			up[i] = b.edge.set(true, address(from+i))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if _, err := line.wait(ctx); err != nil {
		return nil, err
	}
	took := make([]time.Duration, len(up))
	for i := range up {
		took[i] = line.at(newName("gate", from+i)).Sub(up[i])
	}
	return took, nil
}

// pause waits, where what is waited for is time itself.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
