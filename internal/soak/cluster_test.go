package soak_test

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/connect"
	"github.com/peergate/peergate/internal/ledger"
	"github.com/peergate/peergate/internal/nodelifecycle"
	"github.com/peergate/peergate/internal/policystatus"
	"github.com/peergate/peergate/internal/routerpoll"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/taint"
	"github.com/peergate/peergate/internal/waitlist"
)

const namespace = "peergate-system"

// cluster is the leader's controllers, a stand-in for the API server, and work queues that run by a clock of their own:
// a simulated day takes as long as its work.
type cluster struct {
	*testing.T
	client client.Client
	clock  *clocktesting.FakePassiveClock

	table     *sessiontable.Table
	waiting   *waitlist.List
	ledger    *ledger.Ledger
	lifecycle *nodelifecycle.Reconciler
	poller    *routerpoll.Reconciler
	status    *policystatus.Reconciler

	// due is when each object is to be reconciled next.
	due   map[item]time.Time
	polls int
	names int
}

// item is an object in the work queue of its controller.
type item struct{ controller, name string }

func newCluster(t *testing.T, start time.Time) *cluster {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	own, err := taint.Parse(taint.Default)
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{T: t, clock: clocktesting.NewFakePassiveClock(start), due: map[item]time.Time{}}
	c.client = &cached{written: c.written, Client: fake.NewClientBuilder().WithScheme(scheme).
		WithStatusSubresource(&corev1.Node{}, &v1alpha1.BGPRouter{}, &v1alpha1.PeeringPolicy{}).Build()}
	c.table, c.waiting, c.ledger = sessiontable.New(), waitlist.New(), ledger.New()
	c.lifecycle = &nodelifecycle.Reconciler{
		Client: c.client, Live: c.client, Recorder: silent{}, Table: c.table, Waiting: c.waiting, Ledger: c.ledger,
		Clock: c.clock, Taint: own,
	}
	c.poller = &routerpoll.Reconciler{
		Client: c.client, Secrets: c.client, Namespace: namespace, Recorder: silent{}, Table: c.table, Waiting: c.waiting,
		Clock: c.clock, Connect: connect.Router,
	}
	c.status = &policystatus.Reconciler{Client: c.client, Recorder: silent{}, Ledger: c.ledger, Census: c.lifecycle}
	c.connect()
	return c
}

// connect does what the controllers' SetupWithManager does.
func (c *cluster) connect() {
	c.waiting.OnWait(func(router string) { c.enqueue("router", router) })
	c.ledger.OnChange(func(policies []string) {
		for _, policy := range policies {
			c.enqueue("policy", policy)
		}
	})
	c.table.OnChange(func(change sessiontable.Change) {
		if change.Everything {
			c.enqueueNodes()
			return
		}
		if !change.Before.IsZero() {
			for _, node := range c.waiting.Since(change.Router, change.Before) {
				c.enqueue("node", node)
			}
		}
		for _, peer := range change.Peers {
			c.enqueueNodes(client.MatchingFields{addressIndex: peer.String()})
		}
	})
}

func (c *cluster) enqueue(controller, name string) { c.due[item{controller, name}] = c.clock.Now() }

func (c *cluster) enqueueNodes(options ...client.ListOption) {
	var nodes corev1.NodeList
	if err := c.client.List(c.Context(), &nodes, options...); err != nil {
		c.Fatal(err)
	}
	for i := range nodes.Items {
		c.enqueue("node", nodes.Items[i].Name)
	}
}

// runUntil reconciles what is due until a time, each at its own.
func (c *cluster) runUntil(end time.Time) {
	c.Helper()
	for {
		next, at := item{}, end
		for i, t := range c.due {
			if t.Before(at) || (t.Equal(at) && next == item{} && !t.Equal(end)) {
				next, at = i, t
			}
		}
		if next == (item{}) {
			c.clock.SetTime(end)
			return
		}
		delete(c.due, next)
		if at.After(c.clock.Now()) {
			c.clock.SetTime(at)
		}
		again, err := c.reconcile(next)
		if err != nil {
			c.Fatalf("reconciling %s %s: %v", next.controller, next.name, err)
		}
		if t, queued := c.due[next]; again > 0 && (!queued || c.clock.Now().Add(again).Before(t)) {
			c.due[next] = c.clock.Now().Add(again)
		}
	}
}

func (c *cluster) reconcile(i item) (again time.Duration, err error) {
	request := reconcile.Request{NamespacedName: types.NamespacedName{Name: i.name}}
	var result ctrl.Result
	switch i.controller {
	case "node":
		result, err = c.lifecycle.Reconcile(c.Context(), request)
	case "router":
		c.polls++
		result, err = c.poller.Reconcile(c.Context(), request)
	case "policy":
		result, err = c.status.Reconcile(c.Context(), request)
	}
	return result.RequeueAfter, err
}

// create creates an object as the API server would, and has everything that watches it look.
func (c *cluster) create(o client.Object) {
	c.Helper()
	c.names++
	o.SetUID(types.UID(fmt.Sprint(c.names)))
	o.SetCreationTimestamp(metav1.NewTime(c.clock.Now()))
	o.SetGeneration(1)
	if err := c.client.Create(c.Context(), o); err != nil {
		c.Fatal(err)
	}
	c.changed(o)
}

func (c *cluster) delete(o client.Object) {
	c.Helper()
	if err := c.client.Delete(c.Context(), o); err != nil {
		c.Fatal(err)
	}
	c.changed(o)
}

func (c *cluster) written(o client.Object) {
	if node, ok := o.(*corev1.Node); ok {
		c.enqueue("node", node.Name)
	}
}

func (c *cluster) changed(o client.Object) {
	switch o.(type) {
	case *corev1.Node:
		c.enqueue("node", o.GetName())
	case *v1alpha1.BGPRouter:
		c.enqueue("router", o.GetName())
		c.enqueueNodes()
	case *v1alpha1.PeeringPolicy:
		c.enqueue("policy", o.GetName())
		c.enqueueNodes()
	}
}

// silent is an events.EventRecorder for nobody.
type silent struct{}

var _ events.EventRecorder = silent{}

func (silent) Eventf(runtime.Object, runtime.Object, string, string, string, string, ...any) {}
