package main

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
)

// admission is how long the CREATE of a Node takes with the webhook and without it, so many at once.
type admission struct {
	AtOnce        int
	With, Without spread
}

// blocks is in how many turns Nodes are created with the webhook and without it.
const blocks = 4

// measureAdmission creates Nodes through the webhook and past it, in turns. The controller has the same to do for both.
func measureAdmission(ctx context.Context, p plan, b *rig, r *report) error {
	for _, n := range p.concurrencies {
		a := admission{AtOnce: n}
		var with, without []time.Duration
		for range blocks {
			for _, block := range []struct {
				set    string
				change func(*corev1.Node)
				took   *[]time.Duration
			}{{"with", func(*corev1.Node) {}, &with}, {"without", bare, &without}} {
				took, err := b.createTimed(ctx, block.set, n, p.creations/blocks, block.change)
				if err != nil {
					return err
				}
				*block.took = append(*block.took, took...)
				if err := b.removeNodes(ctx); err != nil {
					return err
				}
			}
		}
		a.With, a.Without = spreadOf(with), spreadOf(without)
		r.Admissions = append(r.Admissions, a)
	}
	return nil
}

// createTimed creates nodes, so many at once, and returns how long each took.
func (b *rig) createTimed(ctx context.Context, set string, atOnce, nodes int, change func(*corev1.Node)) ([]time.Duration, error) {
	var mu sync.Mutex
	var took []time.Duration
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i := range nodes {
		group.Go(func() error {
			n := newNode(set, i)
			change(n)
			began := time.Now()
			if err := b.create(ctx, n); err != nil {
				return err
			}
			d := time.Since(began)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, d)
			return nil
		})
	}
	return took, group.Wait()
}
