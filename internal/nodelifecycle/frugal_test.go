package nodelifecycle

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

// TestFrugal: a patch through it does what it does otherwise, and brings the resource version that the next decision waits
// for.
func TestFrugal(t *testing.T) {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}, Status: corev1.NodeStatus{Images: []corev1.ContainerImage{{SizeBytes: 1}}}}
	api := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(node).WithStatusSubresource(node).Build()
	c := Frugal(api)
	patches := map[string]func(client.Object) error{
		"spec": func(o client.Object) error {
			return c.Patch(t.Context(), o, client.RawPatch(types.MergePatchType, []byte(`{"spec":{"podCIDR":"10.0.0.0/24"}}`)))
		},
		"status": func(o client.Object) error {
			return c.Status().Patch(t.Context(), o, client.RawPatch(types.MergePatchType, []byte(`{"status":{"phase":"Running"}}`)))
		},
	}
	for name, patch := range patches {
		t.Run(name, func(t *testing.T) {
			answer := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}
			if err := patch(answer); err != nil {
				t.Fatal(err)
			}
			var got corev1.Node
			if err := api.Get(t.Context(), client.ObjectKeyFromObject(node), &got); err != nil {
				t.Fatal(err)
			}
			if answer.ResourceVersion != got.ResourceVersion || got.ResourceVersion == node.ResourceVersion {
				t.Errorf("answered with version %q, and it has %q", answer.ResourceVersion, got.ResourceVersion)
			}
			if len(answer.Status.Images) > 0 {
				t.Error("answered with more than metadata")
			}
		})
	}
}
