package explore

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/ledger"
	"github.com/peergate/peergate/internal/nodelifecycle"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/internal/waitlist"
	"github.com/peergate/peergate/routerclient"
)

// process is a manager that leads, or thinks so: the real controller, over a cache that is as old as it is.
type process struct {
	server     *apiServer
	reconciler *nodelifecycle.Reconciler
	table      *sessiontable.Table
	nodes      map[string]*corev1.Node
	policies   []v1alpha1.PeeringPolicy
	// heard is the newest answer of the router that the process has had.
	heard *answer
	// flight is the reconciliation that waits to write, or nil.
	flight *flight
	err    error
}

// answer is what the router truly said.
type answer struct {
	askedAt time.Time
	up      map[netip.Addr]bool
}

// flight is a reconciliation that has read what it needs and waits to write.
type flight struct {
	next func() (struct{}, bool)
	stop func()
	// node and heard are what it read from the process, at a time, and policies and definition what there was then.
	node       *corev1.Node
	policies   []v1alpha1.PeeringPolicy
	definition definition
	heard      *answer
	at         time.Time
}

func newProcess(server *apiServer) *process {
	p := &process{server: server, table: sessiontable.New()}
	p.reconciler = &nodelifecycle.Reconciler{
		Live: live{server: server}, Recorder: silence{}, Table: p.table, Waiting: waitlist.New(), Ledger: ledger.New(), Clock: server.clock, Taint: ownTaint,
	}
	p.sync()
	return p
}

// silence records no Events.
type silence struct{}

func (silence) Eventf(runtime.Object, runtime.Object, string, string, string, string, ...any) {}

// sync brings the cache up to date. A cache that lags by less than all it lacks is one that was brought up to date
// earlier.
func (p *process) sync() {
	p.nodes = maps.Clone(p.server.nodes)
	p.policies = p.server.policies
}

func (p *process) behind() bool {
	return !maps.Equal(p.nodes, p.server.nodes) || !slices.EqualFunc(p.policies, p.server.policies, samePolicy)
}

func samePolicy(a, b v1alpha1.PeeringPolicy) bool {
	return a.Name == b.Name && a.Generation == b.Generation
}

// poll asks the router, which takes a second to answer.
func (p *process) poll(r *router) {
	askedAt := p.server.clock.Now()
	said, snapshot := r.say(askedAt)
	p.server.clock.SetTime(askedAt.Add(pollTakes))
	if r.silent {
		p.table.Fail(edge, verdict.Failure{Reason: routerclient.ReasonTimeout, Message: "no answer"}, p.server.clock.Now())
		return
	}
	p.heard = said
	p.table.Record(edge, sessiontable.Answer{
		Snapshot: snapshot, VRF: routerclient.DefaultVRF, AskedAt: askedAt, AnsweredAt: p.server.clock.Now(), StaleAfter: staleAfter,
	})
}

// errKilled ends a reconciliation whose process is gone. Nobody sees it.
var errKilled = errors.New("killed")

// begin reconciles a node up to its first write.
func (p *process) begin(node string) {
	f := &flight{
		node: p.nodes[node], policies: p.server.policies, definition: p.server.definition, heard: p.heard, at: p.server.clock.Now(),
	}
	reconciliation := func(yield func(struct{}) bool) {
		p.reconciler.Client = &cached{process: p, pause: func() bool { return yield(struct{}{}) }}
		request := ctrl.Request{NamespacedName: types.NamespacedName{Name: node}}
		_, err := p.reconciler.Reconcile(context.Background(), request)
		if err != nil && !errors.Is(err, errKilled) {
			p.err = err
		}
	}
	f.next, f.stop = iter.Pull(reconciliation)
	p.flight = f
	p.write()
}

// write lets the reconciliation do what it waits to do, up to its next write.
func (p *process) write() {
	if _, waits := p.flight.next(); !waits {
		p.flight = nil
	}
}

func (p *process) finish() {
	for p.flight != nil {
		p.write()
	}
}

func (p *process) kill() {
	if p.flight != nil {
		p.flight.stop()
		p.flight = nil
	}
}

// cached is the client of a process: it reads from the cache and writes to the API server.
type cached struct {
	client.Client
	process *process
	pause   func() bool
}

func (c *cached) Get(_ context.Context, key client.ObjectKey, o client.Object, _ ...client.GetOption) error {
	node, ok := c.process.nodes[key.Name]
	if !ok {
		return apierrors.NewNotFound(corev1.Resource("nodes"), key.Name)
	}
	trimmed(node).DeepCopyInto(o.(*corev1.Node))
	return nil
}

func (c *cached) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	switch list := list.(type) {
	case *corev1.NodeList:
		for _, name := range slices.Sorted(maps.Keys(c.process.nodes)) {
			list.Items = append(list.Items, *trimmed(c.process.nodes[name]))
		}
	case *v1alpha1.PeeringPolicyList:
		list.Items = c.process.policies
	case *v1alpha1.BGPRouterList:
		list.Items = c.process.server.routers
	}
	return nil
}

// live reads what the API server has at the moment.
type live struct {
	client.Reader
	server *apiServer
}

func (l live) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	switch list := list.(type) {
	case *v1alpha1.PeeringPolicyList:
		if l.server.definition.gone {
			return apierrors.NewNotFound(schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "peeringpolicies"}, "")
		}
		list.Items = l.server.policies
	case *v1alpha1.BGPRouterList:
		list.Items = l.server.routers
	}
	return nil
}

// trimmed is a Node as the manager's cache keeps it.
func trimmed(node *corev1.Node) *corev1.Node {
	// It fails never.
	kept, _ := nodelifecycle.TrimNode(node.DeepCopy())
	return kept.(*corev1.Node)
}

func (c *cached) Patch(_ context.Context, o client.Object, patch client.Patch, _ ...client.PatchOption) error {
	return c.write(o, patch, false)
}

func (c *cached) Status() client.SubResourceWriter { return statusWriter{cached: c} }

type statusWriter struct {
	client.SubResourceWriter
	cached *cached
}

func (w statusWriter) Patch(_ context.Context, o client.Object, patch client.Patch, _ ...client.SubResourcePatchOption) error {
	return w.cached.write(o, patch, true)
}

func (c *cached) write(o client.Object, patch client.Patch, status bool) error {
	if !c.pause() {
		return errKilled
	}
	data, err := patch.Data(o)
	if err != nil {
		return err
	}
	answer, err := c.process.server.patch(manager, o.GetName(), patch.Type(), data, status)
	if err != nil {
		return err
	}
	answer.DeepCopyInto(o.(*corev1.Node))
	return nil
}
