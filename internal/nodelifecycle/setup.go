package nodelifecycle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/logging"
	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/nodeaddress"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/specchange"
	"github.com/peergate/peergate/internal/taint"
)

// addressIndex finds nodes by the addresses that nodeaddress.Of gives.
const addressIndex = "peergate.dev/address"

// maxConcurrentReconciles is chosen for storms: a node costs the API server two writes, and waits for them.
const maxConcurrentReconciles = 16

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	if err := mgr.GetFieldIndexer().IndexField(context.Background(), &corev1.Node{}, addressIndex, addressesOf); err != nil {
		return fmt.Errorf("indexing nodes by address: %w", err)
	}
	everyNode := handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, _ client.Object) []reconcile.Request {
		return r.everyNode(ctx)
	})
	return ctrl.NewControllerManagedBy(mgr).
		Named("nodelifecycle").
		For(&corev1.Node{}, builder.WithPredicates(r.nodeChanged())).
		Watches(&v1alpha1.BGPRouter{}, everyNode, builder.WithPredicates(specchange.Predicate())).
		Watches(&v1alpha1.PeeringPolicy{}, everyNode, builder.WithPredicates(specchange.Predicate())).
		WatchesRawSource(source.Func(r.watchTable)).
		WithOptions(controller.Options{MaxConcurrentReconciles: maxConcurrentReconciles}).
		WithLogConstructor(logging.Constructor(mgr.GetLogger(), "nodelifecycle", "node")).
		Complete(r)
}

func addressesOf(o client.Object) []string {
	addrs := nodeaddress.Of(o.(*corev1.Node))
	values := make([]string, 0, len(addrs))
	for _, a := range addrs {
		values = append(values, a.String())
	}
	return values
}

// nodeChanged lets only those updates of a Node through that a decision can depend on: not its heartbeats.
func (r *Reconciler) nodeChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		old, node := e.ObjectOld.(*corev1.Node), e.ObjectNew.(*corev1.Node)
		return old.UID != node.UID ||
			old.DeletionTimestamp.IsZero() != node.DeletionTimestamp.IsZero() ||
			!maps.Equal(old.Labels, node.Labels) ||
			!maps.Equal(ownAnnotations(old), ownAnnotations(node)) ||
			!equality.Semantic.DeepEqual(own(old.Spec.Taints, r.Taint), own(node.Spec.Taints, r.Taint)) ||
			!slices.Equal(nodeaddress.Of(old), nodeaddress.Of(node)) ||
			!equality.Semantic.DeepEqual(findCondition(old), findCondition(node))
	}}
}

func own(taints []corev1.Taint, key corev1.Taint) []corev1.Taint {
	if !taint.Has(taints, key) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(taints), func(t corev1.Taint) bool { return t.Key != key.Key })
}

func ownAnnotations(node *corev1.Node) map[string]string {
	found := map[string]string{}
	for key, value := range node.Annotations {
		if strings.HasPrefix(key, v1alpha1.AnnotationPrefix) {
			found[key] = value
		}
	}
	return found
}

// watchTable looks again at the nodes that a router's answer is about, and at those for which it is the first. Those that
// go on waiting are not looked at with every answer: there may be thousands.
func (r *Reconciler) watchTable(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	r.Table.OnChange(func(c sessiontable.Change) {
		metrics.SessionsLost(c.Router, c.Losses)
		if c.Everything {
			for _, request := range r.everyNode(ctx) {
				queue.Add(request)
			}
			return
		}
		if !c.Before.IsZero() {
			for _, node := range r.Waiting.Since(c.Router, c.Before) {
				queue.Add(request(node))
			}
		}
		for _, peer := range c.Peers {
			for _, request := range r.nodesWith(ctx, peer.String()) {
				queue.Add(request)
			}
		}
	})
	return nil
}

func (r *Reconciler) everyNode(ctx context.Context) []reconcile.Request {
	return r.requests(ctx, client.UnsafeDisableDeepCopy)
}

func (r *Reconciler) nodesWith(ctx context.Context, address string) []reconcile.Request {
	return r.requests(ctx, client.UnsafeDisableDeepCopy, client.MatchingFields{addressIndex: address})
}

func (r *Reconciler) requests(ctx context.Context, options ...client.ListOption) []reconcile.Request {
	var nodes corev1.NodeList
	if err := r.Client.List(ctx, &nodes, options...); err != nil {
		// The cache answers, and fails only when it is being stopped.
		log.FromContext(ctx).Error(err, "Listing nodes")
		return nil
	}
	requests := make([]reconcile.Request, 0, len(nodes.Items))
	for i := range nodes.Items {
		requests = append(requests, request(nodes.Items[i].Name))
	}
	return requests
}

func request(node string) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Name: node}}
}
