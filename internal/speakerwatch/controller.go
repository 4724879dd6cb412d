// Package speakerwatch tells, by an Event and a metric, of speakers whose pods the taint keeps away: every node that joins
// would stay held, because what brings its session up cannot start there.
package speakerwatch

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/peergate/peergate/internal/eventnote"
	"github.com/peergate/peergate/internal/logging"
	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/speaker"
)

// ReasonTaintNotTolerated is the reason of the Event on a DaemonSet.
const ReasonTaintNotTolerated = "TaintNotTolerated"

// Reconciler looks at DaemonSets, and writes none.
type Reconciler struct {
	client   client.Reader
	recorder events.EventRecorder
	taint    corev1.Taint
	// told is what was found when each speaker was last looked at. Only one reconcile runs at a time.
	told map[types.NamespacedName]speaker.Finding
}

// New returns a Reconciler. Taint is what nodes carry while they are held.
func New(c client.Reader, recorder events.EventRecorder, taint corev1.Taint) *Reconciler {
	return &Reconciler{client: c, recorder: recorder, taint: taint, told: map[types.NamespacedName]speaker.Finding{}}
}

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	// A DaemonSet's status changes with each of its pods.
	changed := predicate.Or(predicate.GenerationChangedPredicate{}, predicate.LabelChangedPredicate{},
		predicate.AnnotationChangedPredicate{})
	return ctrl.NewControllerManagedBy(mgr).
		Named("speakerwatch").
		For(&appsv1.DaemonSet{}, builder.WithPredicates(changed)).
		WithLogConstructor(logging.Constructor(mgr.GetLogger(), "speakerwatch", "daemonset")).
		Complete(r)
}

// Reconcile looks at one DaemonSet, and tells of it once for each change of what there is to tell.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var daemonSet appsv1.DaemonSet
	if err := r.client.Get(ctx, request.NamespacedName, &daemonSet); err != nil {
		if apierrors.IsNotFound(err) {
			r.forget(request.NamespacedName)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("reading DaemonSet %s: %w", request, err)
	}
	found, ok := speaker.Of(&daemonSet, r.taint)
	if !ok {
		r.forget(request.NamespacedName)
		return ctrl.Result{}, nil
	}
	metrics.SpeakerSeen(found.Namespace, found.Name, found.Tolerates)
	if r.told[request.NamespacedName] == found {
		return ctrl.Result{}, nil
	}
	r.told[request.NamespacedName] = found
	if !found.Tolerates {
		r.tell(ctx, &daemonSet, found)
	}
	return ctrl.Result{}, nil
}

func (r *Reconciler) forget(name types.NamespacedName) {
	delete(r.told, name)
	metrics.ForgetSpeaker(name.Namespace, name.Name)
}

func (r *Reconciler) tell(ctx context.Context, daemonSet *appsv1.DaemonSet, found speaker.Finding) {
	message := fmt.Sprintf("No pod of this DaemonSet (%s) is created on a node with taint %s, so the BGP session that "+
		"would remove the taint cannot come up there. To let it:\n", found.Product, r.taint.ToString())
	if len(message)+len(found.Fix) <= eventnote.Limit {
		message += found.Fix
	} else {
		message += "kubectl peergate doctor speakers says what to do" // half a line is worse than none
	}
	log.FromContext(ctx).Info("Speaker does not tolerate the taint",
		"reason", ReasonTaintNotTolerated, "product", found.Product, "fix", found.Fix)
	r.recorder.Eventf(daemonSet, nil, corev1.EventTypeWarning, ReasonTaintNotTolerated, "Check", "%s", eventnote.Of(message))
}
