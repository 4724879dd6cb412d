package webhooks

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/peergate/peergate/internal/speaker"
)

// DaemonSetDefaulter gives speakers the toleration without which no held node ever gets its session. It is called only
// where config/components/tolerate-speakers is installed.
type DaemonSetDefaulter struct {
	Taint corev1.Taint
}

var _ admission.Defaulter[*appsv1.DaemonSet] = DaemonSetDefaulter{}

// Default adds the toleration to a speaker that does not tolerate the taint, after those it has, and changes nothing else.
func (d DaemonSetDefaulter) Default(_ context.Context, daemonSet *appsv1.DaemonSet) error {
	if found, ok := speaker.Of(daemonSet, d.Taint); ok && !found.Tolerates {
		pod := &daemonSet.Spec.Template.Spec
		pod.Tolerations = append(pod.Tolerations, speaker.Toleration(d.Taint))
	}
	return nil
}
