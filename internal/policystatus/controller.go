// Package policystatus writes the status of each PeeringPolicy: counts of its nodes, never a list, and whether its
// disruption guard has tripped.
package policystatus

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/ledger"
	"github.com/peergate/peergate/internal/logging"
	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/nodelifecycle"
	"github.com/peergate/peergate/internal/specchange"
	"github.com/peergate/peergate/internal/verdict"
)

// settle is how long counts may change before they are written: a hundred nodes that join together are one write.
const settle = time.Second

// Census counts the nodes that a policy's disruption guard is about.
type Census interface {
	Census(context.Context, *v1alpha1.PeeringPolicy) (nodelifecycle.Census, error)
}

// Reconciler writes the status of policies.
type Reconciler struct {
	Client   client.Client
	Recorder events.EventRecorder
	Ledger   *ledger.Ledger
	Census   Census

	// told is what was last told of each policy's guard: the cache may not have seen that write yet. Only one reconcile
	// runs at a time.
	told map[string]metav1.ConditionStatus
}

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("policystatus").
		For(&v1alpha1.PeeringPolicy{}, builder.WithPredicates(specchange.Predicate())).
		Watches(&v1alpha1.BGPRouter{}, handler.EnqueueRequestsFromMapFunc(r.choosyPolicies), builder.WithPredicates(specchange.Predicate())).
		Watches(&v1alpha1.PeeringPolicy{}, handler.Funcs{UpdateFunc: whenWritten}).
		WatchesRawSource(source.Func(r.watchLedger)).
		WithLogConstructor(logging.Constructor(mgr.GetLogger(), "policystatus", "policy")).
		Complete(r)
}

func (r *Reconciler) watchLedger(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	r.Ledger.OnChange(func(policies []string) {
		for _, name := range policies {
			queue.AddAfter(request(name), settle)
		}
	})
	return nil
}

// whenWritten looks again at a policy whose status was written. Counts that changed before the cache had that write were
// held against the status before it, and may have seemed to be there already.
func whenWritten(_ context.Context, e event.UpdateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
	old, policy := e.ObjectOld.(*v1alpha1.PeeringPolicy), e.ObjectNew.(*v1alpha1.PeeringPolicy)
	if !equality.Semantic.DeepEqual(old.Status, policy.Status) {
		queue.AddAfter(request(policy.Name), settle)
	}
}

func request(policy string) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Name: policy}}
}

// Reconcile writes the status of one policy, if it has changed.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var policy v1alpha1.PeeringPolicy
	if err := r.Client.Get(ctx, req.NamespacedName, &policy); err != nil {
		if apierrors.IsNotFound(err) {
			metrics.ForgetPolicy(req.Name)
			delete(r.told, req.Name)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("reading PeeringPolicy %s: %w", req.Name, err)
	}
	return r.writeStatus(ctx, &policy)
}

func (r *Reconciler) writeStatus(ctx context.Context, policy *v1alpha1.PeeringPolicy) (ctrl.Result, error) {
	var nodes corev1.NodeList
	if err := r.Client.List(ctx, &nodes, client.UnsafeDisableDeepCopy); err != nil {
		return ctrl.Result{}, fmt.Errorf("listing nodes: %w", err)
	}
	if r.Ledger.Len() < staying(nodes.Items) {
		// A manager that has just started has not looked at every node yet, and must not count those for gone.
		return ctrl.Result{RequeueAfter: settle}, nil
	}
	census, err := r.Census.Census(ctx, policy)
	if err != nil {
		return ctrl.Result{}, err
	}
	metrics.PolicyGuard(policy.Name, census.Trips)
	old := policy.DeepCopy()
	policy.Status.ObservedGeneration = policy.Generation
	policy.Status.Nodes = counts(r.Ledger.StatesOf(policy.Name))
	guard := guardCondition(policy, census)
	turned := meta.SetStatusCondition(&policy.Status.Conditions, guard)
	if err := r.setFamiliesKnown(ctx, policy); err != nil {
		return ctrl.Result{}, err
	}
	if equality.Semantic.DeepEqual(old.Status, policy.Status) {
		return ctrl.Result{}, nil
	}
	if err := r.Client.Status().Patch(ctx, policy, client.MergeFrom(old)); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if turned {
		r.recordGuard(ctx, old, policy, guard)
	}
	return ctrl.Result{}, nil
}

// staying is how many of the nodes are not being deleted. What becomes of the others is not kept any more, and a finalizer
// may keep them for hours.
func staying(nodes []corev1.Node) (count int) {
	for i := range nodes {
		if nodes[i].DeletionTimestamp.IsZero() {
			count++
		}
	}
	return count
}

func counts(states map[verdict.State]int) *v1alpha1.NodeCounts {
	return &v1alpha1.NodeCounts{
		Peered:   int32(states[verdict.Peered]),
		Held:     int32(states[verdict.Held]),
		Lost:     int32(states[verdict.Lost]),
		Reported: int32(states[verdict.Reported]),
		Exempt:   int32(states[verdict.Exempt]),
		Unknown:  int32(states[verdict.Undecided]),
	}
}

func guardCondition(policy *v1alpha1.PeeringPolicy, c nodelifecycle.Census) metav1.Condition {
	condition := metav1.Condition{
		Type:               v1alpha1.ConditionDisruptionGuard,
		Status:             metav1.ConditionFalse,
		Reason:             v1alpha1.ReasonWithinLimit,
		ObservedGeneration: policy.Generation,
		Message:            "No more nodes than maxUnpeered have lost their sessions.",
	}
	if c.Trips {
		condition.Status, condition.Reason = metav1.ConditionTrue, v1alpha1.ReasonTooManyUnpeered
		condition.Message = fmt.Sprintf("%d of %d nodes have lost their sessions, more than maxUnpeered (%s) allows: "+
			"the router, or the way to it, is suspected, and no further node is tainted for it.",
			c.Unpeered, c.Nodes, policy.Spec.MaxUnpeered.String())
	}
	return condition
}

// recordGuard tells of the guard when it trips and when it resets, not when only the numbers in its message change.
func (r *Reconciler) recordGuard(ctx context.Context, old, policy *v1alpha1.PeeringPolicy, guard metav1.Condition) {
	last := r.lastTold(old, guard.Type)
	r.told[policy.Name] = guard.Status
	if last == guard.Status {
		return
	}
	kind := corev1.EventTypeNormal
	if guard.Status == metav1.ConditionTrue {
		kind = corev1.EventTypeWarning
	}
	log.FromContext(ctx).Info("Disruption guard changed", "tripped", guard.Status, "reason", guard.Reason, "message", guard.Message)
	r.Recorder.Eventf(policy, nil, kind, guard.Reason, "Guard", "%s", guard.Message)
}

// lastTold is what was last told of a policy's guard, by this manager or by one before it. That a guard has not tripped
// yet is nothing to tell of.
func (r *Reconciler) lastTold(policy *v1alpha1.PeeringPolicy, condition string) metav1.ConditionStatus {
	if r.told == nil {
		r.told = map[string]metav1.ConditionStatus{}
	}
	if told, ok := r.told[policy.Name]; ok {
		return told
	}
	if before := meta.FindStatusCondition(policy.Status.Conditions, condition); before != nil {
		return before.Status
	}
	return metav1.ConditionFalse
}
