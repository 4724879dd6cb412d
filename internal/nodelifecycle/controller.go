// Package nodelifecycle gives each node its taint and its condition: it gathers what is known of the node, has package
// verdict decide, and writes the difference. It is the only writer of Nodes.
package nodelifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/internal/ledger"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/internal/waitlist"
)

// Reconciler brings one node's taint and condition in line with what the routers say.
type Reconciler struct {
	Client client.Client
	// Live reads from the API server, where Client reads from a cache.
	Live     client.Reader
	Recorder events.EventRecorder
	Table    *sessiontable.Table
	Waiting  *waitlist.List
	Ledger   *ledger.Ledger
	Clock    clock.PassiveClock
	Taint    corev1.Taint

	seen     firstSeen
	written  written
	siblings siblings
	counted  censuses
}

const (
	// waitingRecheck is how often a node that waits for a router is looked at although nothing was heard of it: its
	// condition says what to type there, which depends on the router's other neighbors.
	waitingRecheck = time.Minute
	// missedAnswer is how soon a node is looked at again if a router answered after its evidence was read, and before it
	// was known to wait.
	missedAnswer = 10 * time.Millisecond
)

// Reconcile decides about one node, and writes what has to change.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var node corev1.Node
	if err := r.Client.Get(ctx, req.NamespacedName, &node); err != nil {
		if apierrors.IsNotFound(err) {
			r.forget(req.Name)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("reading node %s: %w", req.Name, err)
	}
	if !node.DeletionTimestamp.IsZero() {
		r.forget(req.Name)
		return ctrl.Result{}, nil
	}
	if r.seen.another(&node) {
		r.forget(node.Name)
	}
	if r.written.ahead(&node) {
		// The watch brings the node back here, usually before this time.
		return ctrl.Result{RequeueAfter: staleRetry}, nil
	}
	heard := r.Table.Heard()
	in, err := r.gather(ctx, &node)
	if errors.Is(err, errUndefined) {
		return ctrl.Result{RequeueAfter: undefinedRetry}, nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	decision := verdict.Decide(in)
	r.seen.noteMet(&node, in.Policies, decision.Met, in.Now)
	r.Ledger.Put(node.Name, r.entryOf(&node, in, decision))
	routers := routersToWaitFor(decision)
	r.Waiting.Wait(node.Name, routers, in.Now)
	missed := r.Table.Heard() != heard
	again, err := r.apply(ctx, &node, in, decision)
	if err != nil {
		return ctrl.Result{}, err
	}
	again = soonest(again, decision.RecheckAfter)
	if len(routers) > 0 {
		again = soonest(again, waitingRecheck)
		if missed {
			again = missedAnswer
		}
	}
	return ctrl.Result{RequeueAfter: again}, nil
}

// soonest is the shorter of two delays, of which 0 means never.
func soonest(a, b time.Duration) time.Duration {
	if a == 0 || (b > 0 && b < a) {
		return b
	}
	return a
}

func (r *Reconciler) forget(node string) {
	r.seen.forget(node)
	r.written.forget(node)
	r.Ledger.Delete(node)
	r.Waiting.Wait(node, nil, r.Clock.Now())
}

// routersToWaitFor are the routers whose next answer could open the node, or confirm it.
func routersToWaitFor(d verdict.Decision) []string {
	if d.State != verdict.Held && d.State != verdict.Lost && !d.AwaitsAnswer {
		return nil
	}
	routers := make([]string, 0, len(d.Answers))
	for _, a := range d.Answers {
		routers = append(routers, a.Router)
	}
	return routers
}

func (r *Reconciler) entryOf(node *corev1.Node, in verdict.Input, d verdict.Decision) ledger.Entry {
	e := ledger.Entry{State: d.State}
	if in.Node.Tainted {
		e.TaintedSince = taintAdded(node, r.Taint)
	}
	for _, p := range in.Policies {
		e.Policies = append(e.Policies, p.Name)
	}
	return e
}
