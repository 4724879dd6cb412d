package webhooks_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/webhooks"
)

func TestDaemonSetDefaulter(t *testing.T) {
	metallb := map[string]string{"app": "metallb", "component": "speaker"}
	dedicated := corev1.Toleration{Key: "dedicated", Operator: corev1.TolerationOpExists}
	everything := corev1.Toleration{Operator: corev1.TolerationOpExists}
	ours := corev1.Toleration{Key: "bgp-unpeered", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule}
	tests := map[string]struct {
		labels     map[string]string
		have, want []corev1.Toleration
	}{
		"a speaker":                          {metallb, nil, []corev1.Toleration{ours}},
		"a speaker with tolerations":         {metallb, []corev1.Toleration{dedicated}, []corev1.Toleration{dedicated, ours}},
		"a speaker that has been here":       {metallb, []corev1.Toleration{ours}, []corev1.Toleration{ours}},
		"a speaker that tolerates it anyhow": {metallb, []corev1.Toleration{everything}, []corev1.Toleration{everything}},
		"another DaemonSet":                  {map[string]string{"app": "node-exporter"}, []corev1.Toleration{dedicated}, []corev1.Toleration{dedicated}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: "d", Labels: test.labels}}
			d.Spec.Template.Spec.Tolerations = test.have
			want := d.DeepCopy()
			want.Spec.Template.Spec.Tolerations = test.want
			defaulter := webhooks.DaemonSetDefaulter{Taint: corev1.Taint{Key: ours.Key, Effect: ours.Effect}}
			if err := defaulter.Default(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, d); diff != "" {
				t.Errorf("DaemonSet (-want +got):\n%s", diff)
			}
		})
	}
}
