// Package nodelifecycle gives each node its taint and its condition: it gathers what is known of the node, has package
// verdict decide, and writes the difference. It is the only writer of Nodes.
package nodelifecycle

import (
	"context"
	"fmt"

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
	in, err := r.gather(ctx, &node)
	if err != nil {
		return ctrl.Result{}, err
	}
	decision := verdict.Decide(in)
	r.seen.noteMet(&node, in.Policies, decision.Met, in.Now)
	r.Ledger.Put(node.Name, entryOf(in, decision))
	r.Waiting.Wait(node.Name, routersToWaitFor(decision), in.Now)
	again, err := r.apply(ctx, &node, in, decision)
	if err != nil {
		return ctrl.Result{}, err
	}
	if again == 0 || (decision.RecheckAfter > 0 && decision.RecheckAfter < again) {
		again = decision.RecheckAfter
	}
	return ctrl.Result{RequeueAfter: again}, nil
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

func entryOf(in verdict.Input, d verdict.Decision) ledger.Entry {
	e := ledger.Entry{State: d.State}
	for _, p := range in.Policies {
		e.Policies = append(e.Policies, p.Name)
	}
	return e
}
