package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// storm is what a number of nodes cost that come at once.
type storm struct {
	Nodes int
	// Join is from the first CREATE to the last release, of nodes whose sessions are up. Release is from the router's
	// answer that all sessions are up, of nodes that were held before.
	Join, Release phase
	// ResidentMiB is what the leader has in memory once all nodes are released, PeakMiB the most it had.
	ResidentMiB, PeakMiB float64
}

// phase is a part of a storm.
type phase struct {
	cost
	Floor cost
	// CPUSeconds are the leader's.
	CPUSeconds float64
	Requests   requests
	// Polls of the router.
	Polls int
}

func (p phase) ratio() float64 { return p.Seconds / p.Floor.Seconds }

// cost is how long something takes.
type cost struct {
	Seconds float64
	// ControlPlane is what etcd and the API server use for it, in CPU seconds.
	ControlPlane float64
}

func (c cost) undisturbed(other cost) cost {
	return cost{Seconds: min(c.Seconds, other.Seconds), ControlPlane: min(c.ControlPlane, other.ControlPlane)}
}

// measureStorms has storms of all sizes. The nodes of the last stay, peered.
func measureStorms(ctx context.Context, p plan, b *rig, r *report) error {
	for _, nodes := range p.sizes {
		var best storm
		for round := range max(p.rounds, 1) {
			s, err := b.storm(ctx, nodes)
			if err != nil {
				return fmt.Errorf("%d nodes: %w", nodes, err)
			}
			if round == 0 {
				best = s
			} else {
				best = best.undisturbed(s)
			}
		}
		r.Storms = append(r.Storms, best)
	}
	return nil
}

// undisturbed takes of two storms the times that were shorter, and otherwise the later one.
func (s storm) undisturbed(later storm) storm {
	for _, pair := range [][2]*phase{{&s.Join, &later.Join}, {&s.Release, &later.Release}} {
		pair[1].cost, pair[1].Floor = pair[0].undisturbed(pair[1].cost), pair[0].Floor.undisturbed(pair[1].Floor)
		pair[1].CPUSeconds = min(pair[0].CPUSeconds, pair[1].CPUSeconds)
	}
	return later
}

func (b *rig) storm(ctx context.Context, nodes int) (s storm, err error) {
	s.Nodes = nodes
	if s.Join.Floor, s.Release.Floor, err = b.floors(ctx, nodes); err != nil {
		return s, err
	}
	b.edge.clear()
	b.edge.set(true, addresses(nodes)...)
	if err := b.startLeader(ctx); err != nil {
		return s, err
	}
	leader, err := b.leader()
	if err != nil {
		return s, err
	}
	if err := resetPeak(leader.PID()); err != nil {
		return s, err
	}
	if err := b.joinStorm(ctx, leader.PID(), nodes, &s.Join); err != nil {
		return s, err
	}
	if err := b.removeNodes(ctx); err != nil {
		return s, err
	}
	b.edge.clear()
	if err := b.releaseStorm(ctx, leader.PID(), nodes, &s.Release); err != nil {
		return s, err
	}
	used, err := usageOf(leader.PID())
	s.ResidentMiB, s.PeakMiB = mebibytes(used.resident), mebibytes(used.peak)
	return s, err
}

// floors measures the floors of both phases, without a leader, and leaves no nodes.
func (b *rig) floors(ctx context.Context, nodes int) (join, release cost, err error) {
	if err := b.stopLeader(); err != nil {
		return join, release, err
	}
	if err := b.removeNodes(ctx); err != nil {
		return join, release, err
	}
	if join, err = b.floorOfJoin(ctx, "floor", nodes); err != nil {
		return join, release, err
	}
	if err := b.removeNodes(ctx); err != nil {
		return join, release, err
	}
	line, err := b.await(ctx, nodes, func(n *corev1.Node) bool { return tainted(n) })
	if err != nil {
		return join, release, err
	}
	defer line.stop()
	if err := b.join(ctx, "held", nodes, bare); err != nil {
		return join, release, err
	}
	if _, err := line.wait(ctx); err != nil {
		return join, release, err
	}
	if release, err = b.floorOfRelease(ctx, line.nodes); err != nil {
		return join, release, err
	}
	return join, release, b.removeNodes(ctx)
}

// costing measures what it costs to run something that returns how long it took, in seconds.
func (b *rig) costing(run func() (float64, error)) (c cost, err error) {
	before, err := b.controlPlaneCPU()
	if err != nil {
		return c, err
	}
	if c.Seconds, err = run(); err != nil {
		return c, err
	}
	after, err := b.controlPlaneCPU()
	c.ControlPlane = after - before
	return c, err
}

func (b *rig) joinStorm(ctx context.Context, leader, nodes int, p *phase) error {
	line, err := b.await(ctx, nodes, func(n *corev1.Node) bool { return !tainted(n) })
	if err != nil {
		return err
	}
	defer line.stop()
	return b.phase(ctx, leader, p, func() (float64, error) {
		began := time.Now()
		if err := b.join(ctx, "join", nodes); err != nil {
			return 0, err
		}
		last, err := line.wait(ctx)
		return seconds(began, last), err
	})
}

func (b *rig) releaseStorm(ctx context.Context, leader, nodes int, p *phase) error {
	if err := b.hold(ctx, nodes); err != nil {
		return err
	}
	line, err := b.await(ctx, nodes, func(n *corev1.Node) bool { return !tainted(n) })
	if err != nil {
		return err
	}
	defer line.stop()
	return b.phase(ctx, leader, p, func() (float64, error) {
		up := b.edge.set(true, addresses(nodes)...)
		last, err := line.wait(ctx)
		if err != nil {
			return 0, err
		}
		told, ok := b.edge.toldOf(nodes, up)
		if !ok {
			return 0, fmt.Errorf("all nodes were released before the router had said that all sessions are up")
		}
		return seconds(told, last), nil
	})
}

// phase measures what it costs to run something that returns how long it took, in seconds.
func (b *rig) phase(ctx context.Context, leader int, p *phase, run func() (float64, error)) error {
	before, err := b.requests(ctx)
	if err != nil {
		return err
	}
	polls := b.edge.polls()
	used, err := usageOf(leader)
	if err != nil {
		return err
	}
	if p.cost, err = b.costing(run); err != nil {
		return err
	}
	now, err := usageOf(leader)
	if err != nil {
		return err
	}
	p.CPUSeconds, p.Polls = (now.cpu - used.cpu).Seconds(), b.edge.polls()-polls
	after, err := b.requests(ctx)
	p.Requests = after.minus(before)
	return err
}
