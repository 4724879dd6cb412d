package failures_test

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// patch merges JSON into an object.
func (s *scene) patch(o client.Object, json string) {
	s.Helper()
	if err := s.Client.Patch(s.Context(), o, client.RawPatch(types.MergePatchType, []byte(json))); err != nil {
		s.Fatal(err)
	}
}

// patchStatus merges JSON into an object through its subresource status; conditions of a Node merge by type.
func (s *scene) patchStatus(o client.Object, json string) {
	s.Helper()
	kind := types.MergePatchType
	if _, ok := o.(*corev1.Node); ok {
		kind = types.StrategicMergePatchType
	}
	if err := s.Client.Status().Patch(s.Context(), o, client.RawPatch(kind, []byte(json))); err != nil {
		s.Fatal(err)
	}
}
