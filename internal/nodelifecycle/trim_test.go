package nodelifecycle

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
)

// TestTrimNode: what is kept is what decisions and patches read.
func TestTrimNode(t *testing.T) {
	peered := corev1.NodeCondition{Type: v1alpha1.NodeConditionBGPPeered, Status: corev1.ConditionTrue}
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: "n", UID: "1", ResourceVersion: "7", Labels: map[string]string{"rack": "1"},
			Annotations: map[string]string{
				v1alpha1.AnnotationExempt: "a test", "projectcalico.org/IPv4Address": "192.0.2.1/24", "k3s.io/node-args": `["server"]`,
			},
			ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubelet"}},
		},
		Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: "bgp-unpeered"}}, PodCIDR: "10.0.0.0/24"},
		Status: corev1.NodeStatus{
			Addresses:  []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.0.2.1"}},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady}, peered},
			Images:     []corev1.ContainerImage{{SizeBytes: 1}},
		},
	}
	want := node.DeepCopy()
	want.ManagedFields, want.Spec.PodCIDR, want.Status.Images = nil, "", nil
	want.Status.Conditions = []corev1.NodeCondition{peered}
	want.Annotations["k3s.io/node-args"] = ""
	got, err := TrimNode(node)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
