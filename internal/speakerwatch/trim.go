package speakerwatch

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/internal/speaker"
)

// TrimDaemonSet drops, before a DaemonSet goes into the cache, what does not tell whether it is a speaker, whether it
// tolerates the taint, and who made it.
func TrimDaemonSet(object any) (any, error) {
	d, ok := object.(*appsv1.DaemonSet)
	if !ok {
		return object, nil
	}
	d.ManagedFields, d.Finalizers, d.Status = nil, nil, appsv1.DaemonSetStatus{}
	d.Annotations = only(d.Annotations, speaker.Annotations...)
	template := d.Spec.Template
	d.Spec = appsv1.DaemonSetSpec{Template: corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: template.Labels},
		Spec:       corev1.PodSpec{Containers: images(template.Spec.Containers), Tolerations: template.Spec.Tolerations},
	}}
	return d, nil
}

func only(annotations map[string]string, keys ...string) map[string]string {
	kept := map[string]string{}
	for _, key := range keys {
		if value, ok := annotations[key]; ok {
			kept[key] = value
		}
	}
	return kept
}

func images(containers []corev1.Container) []corev1.Container {
	kept := make([]corev1.Container, 0, len(containers))
	for i := range containers {
		kept = append(kept, corev1.Container{Image: containers[i].Image})
	}
	return kept
}
