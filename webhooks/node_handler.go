package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// NodeHandler serves NodeDefaulter. It reads of a Node only what that reads, and answers with what that changes;
// controller-runtime's own handler decodes, encodes and compares the whole Node with its dozens of images, which takes
// five times as long, while a kubelet waits.
type NodeHandler struct {
	Defaulter *NodeDefaulter
}

var _ admission.Handler = NodeHandler{}

// partialNode is what is read of a Node.
type partialNode struct {
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     *struct {
		Taints []corev1.Taint `json:"taints"`
	} `json:"spec"`
}

// Handle answers an admission request for a Node.
func (h NodeHandler) Handle(ctx context.Context, req admission.Request) admission.Response {
	var partial partialNode
	if err := json.Unmarshal(req.Object.Raw, &partial); err != nil {
		return admission.Errored(http.StatusBadRequest, fmt.Errorf("reading the Node: %w", err))
	}
	before := &corev1.Node{ObjectMeta: partial.Metadata}
	if partial.Spec != nil {
		before.Spec.Taints = partial.Spec.Taints
	}
	after := before.DeepCopy()
	if err := h.Defaulter.Default(admission.NewContextWithRequest(ctx, req), after); err != nil {
		return refused(err)
	}
	response, err := patching(changes(before, after, partial.Spec != nil))
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, err)
	}
	return response
}

// operation is one of a JSON Patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

func changes(before, after *corev1.Node, hasSpec bool) (ops []operation) {
	for _, key := range slices.Sorted(maps.Keys(before.Annotations)) {
		if _, kept := after.Annotations[key]; !kept {
			// A JSON Pointer (RFC 6901) escapes the slash; a key holds no tilde.
			ops = append(ops, operation{Op: "remove", Path: "/metadata/annotations/" + strings.ReplaceAll(key, "/", "~1")})
		}
	}
	switch {
	case equality.Semantic.DeepEqual(before.Spec.Taints, after.Spec.Taints):
	case hasSpec:
		ops = append(ops, operation{Op: "add", Path: "/spec/taints", Value: after.Spec.Taints})
	default:
		ops = append(ops, operation{Op: "add", Path: "/spec", Value: map[string]any{"taints": after.Spec.Taints}})
	}
	return ops
}

func patching(ops []operation) (admission.Response, error) {
	response := admission.Allowed("")
	if len(ops) == 0 {
		return response, nil
	}
	patch, err := json.Marshal(ops)
	if err != nil {
		return response, fmt.Errorf("encoding the patch: %w", err)
	}
	kind := admissionv1.PatchTypeJSONPatch
	response.Patch, response.PatchType = patch, &kind
	return response, nil
}

// refused answers with the status that an error stands for.
func refused(err error) admission.Response {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return admission.Denied(err.Error())
	}
	response := admission.Denied("")
	result := status.Status()
	response.Result = &result
	return response
}
