package nodelifecycle

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/peergate/peergate/api/v1alpha1"
)

// TestNodeChanged is what keeps thousands of heartbeats from being work.
func TestNodeChanged(t *testing.T) {
	r := &Reconciler{Taint: corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}}
	tests := map[string]struct {
		change func(*corev1.Node)
		want   bool
	}{
		"nothing":               {func(*corev1.Node) {}, false},
		"a heartbeat":           {func(n *corev1.Node) { n.Status.Conditions[0].LastHeartbeatTime = ago(0) }, false},
		"not ready any more":    {func(n *corev1.Node) { n.Status.Conditions[0].Status = corev1.ConditionFalse }, false},
		"an image":              {func(n *corev1.Node) { n.Status.Images = []corev1.ContainerImage{{SizeBytes: 1}} }, false},
		"another's taint":       {func(n *corev1.Node) { n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: "x"}) }, false},
		"another's annotation":  {func(n *corev1.Node) { n.Annotations["x"] = "y" }, false},
		"cordoned":              {func(n *corev1.Node) { n.Spec.Unschedulable = true }, false},
		"a label":               {func(n *corev1.Node) { n.Labels = map[string]string{"rack": "1"} }, true},
		"our taint taken away":  {func(n *corev1.Node) { n.Spec.Taints = nil }, true},
		"our taint changed":     {func(n *corev1.Node) { n.Spec.Taints[0].Effect = corev1.TaintEffectNoExecute }, true},
		"exempted":              {func(n *corev1.Node) { n.Annotations[v1alpha1.AnnotationExempt] = "why" }, true},
		"another address":       {func(n *corev1.Node) { n.Status.Addresses[0].Address = "192.168.3.34" }, true},
		"our condition changed": {func(n *corev1.Node) { n.Status.Conditions[1].Message = "not ours" }, true},
		"deleted":               {func(n *corev1.Node) { at := ago(0); n.DeletionTimestamp = &at }, true},
		"another of the name":   {func(n *corev1.Node) { n.UID = "2" }, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			old := &corev1.Node{
				ObjectMeta: metav1.ObjectMeta{Name: "n", UID: "1", Annotations: map[string]string{"a": "b"}},
				Spec:       corev1.NodeSpec{Taints: []corev1.Taint{r.Taint}},
				Status: corev1.NodeStatus{
					Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.168.3.33"}},
					Conditions: []corev1.NodeCondition{
						{Type: corev1.NodeReady, Status: corev1.ConditionTrue, LastHeartbeatTime: ago(time.Minute)},
						{Type: v1alpha1.NodeConditionBGPPeered, Status: corev1.ConditionFalse},
					},
				},
			}
			node := old.DeepCopy()
			test.change(node)
			if got := r.nodeChanged().Update(event.UpdateEvent{ObjectOld: old, ObjectNew: node}); got != test.want {
				t.Errorf("looked at again: %v, want %v", got, test.want)
			}
		})
	}
}
