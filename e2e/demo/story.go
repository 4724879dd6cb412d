package main

import (
	"context"
	"fmt"
	"time"
)

// step is a part of the story. It comes true or fails.
type step struct {
	title string
	do    func(context.Context, *stage) error
}

// stepTimeout is for each step. The slowest takes five seconds on two idle cores.
const stepTimeout = 2 * time.Minute

var errTooLate = fmt.Errorf("it has not come true within %s", stepTimeout)

var story = []step{
	{"A Kubernetes control plane", startControlPlane},
	{"Peergate, as kubectl apply -k config/default installs it", installPeergate},
	{"A BGP router that speaks EdgeOS and knows two of three nodes", startRouter},
	{"Three nodes join; two are let in, one is held", joinNodes},
	{"A load-balanced Service wants a pod on each node", deployService},
	{"Why leviathan3 gets none, and what to do about it", showReason},
	{"The lines are typed into the router, and the node opens", typeLines},
}

func (s step) play(ctx context.Context, st *stage) error {
	ctx, cancel := context.WithTimeoutCause(ctx, stepTimeout, errTooLate)
	defer cancel()
	return s.do(ctx, st)
}
