package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// plan is how much is measured.
type plan struct {
	// only are the names of the steps to take; none stands for all.
	only []string
	// sizes are the numbers of nodes of the growth, in rising order; what is measured at one size only is so at the last.
	sizes []int
	// rounds is how often the storm of each size is repeated, and its floor with it.
	rounds int
	// releases is how many nodes wait for the router one after the other.
	releases int
	// creations is how many Nodes are created at each concurrency, with the webhook and without it.
	creations int
	// concurrencies are how many Nodes are created at once.
	concurrencies []int
	// steady is how long heartbeats are looked on.
	steady time.Duration
	// beats is how many statuses a turn of heartbeats has, and beating how long it is.
	beats   int
	beating time.Duration
}

var full = plan{
	sizes: []int{500, 1000, 2000, 5000}, releases: 200,
	creations: 240, concurrencies: []int{1, 2, 4, 8, 16, 32, 64}, steady: time.Minute,
	beats: 2000, beating: 12 * time.Second,
}

var brief = plan{
	sizes: []int{20, 60}, releases: 5,
	creations: 20, concurrencies: []int{1, 8}, steady: 12 * time.Second,
	beats: 100, beating: time.Second,
}

// step is a part of a run.
type step struct {
	name string
	run  func(context.Context, plan, *rig, *report) error
}

// steps are in the order in which one leaves to the next what that starts from: storms leave the nodes of the last, and
// memory a leader that has no Events of theirs to write any more.
var steps = []step{
	{"gate", measureGate},
	{"push", measurePush},
	{"webhook", measureAdmission},
	{"storms", measureStorms},
	{"memory", measureMemory},
	{"steady", measureSteady},
	{"heartbeat", measureHeartbeat},
	{"loss", measureMassLoss},
}

func stepNames() []string {
	var names []string
	for _, s := range steps {
		names = append(names, s.name)
	}
	return names
}

// choose limits a plan to the named steps, and changes its sizes; an empty string leaves them.
func (p *plan) choose(only, sizes string) error {
	if only != "" {
		p.only = strings.Split(only, ",")
	}
	for _, name := range p.only {
		if !slices.Contains(stepNames(), name) {
			return fmt.Errorf("-only: there is no %q", name)
		}
	}
	if sizes == "" {
		return nil
	}
	p.sizes = nil
	for word := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return fmt.Errorf("-nodes: %q is not a number of nodes", word)
		}
		p.sizes = append(p.sizes, n)
	}
	return nil
}

// measure runs the steps on one cluster, and says on progress what it is at.
func (p plan) measure(ctx context.Context, logs string, progress io.Writer) (_ *report, err error) {
	b, err := startRig(ctx, logs, progress)
	if err != nil {
		return nil, err
	}
	defer func() {
		if stopErr := b.stop(); err == nil {
			err = stopErr
		}
	}()
	r := &report{Machine: b.machine()}
	for _, s := range steps {
		if len(p.only) > 0 && !slices.Contains(p.only, s.name) {
			continue
		}
		began := time.Now()
		if err := s.run(ctx, p, b, r); err != nil {
			return nil, fmt.Errorf("measuring %s: %w", s.name, err)
		}
		fmt.Fprintf(progress, "measured %s in %s\n", s.name, time.Since(began).Round(time.Second))
	}
	return r, nil
}
