package config_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// TestMemoryLimits: Go's own limit must be below the container's, or it comes too late, and not so far below that it
// wastes what the container may have.
func TestMemoryLimits(t *testing.T) {
	container := managerOf(t, render(t, "default")).Spec.Template.Spec.Containers[0]
	limit := container.Resources.Limits[corev1.ResourceMemory]
	for _, e := range container.Env {
		if e.Name != "GOMEMLIMIT" {
			continue
		}
		// Go writes MiB what Kubernetes writes Mi.
		own, err := resource.ParseQuantity(strings.TrimSuffix(e.Value, "B"))
		if err != nil {
			t.Fatal(err)
		}
		if share := own.AsApproximateFloat64() / limit.AsApproximateFloat64(); share < 0.85 || share > 0.95 {
			t.Errorf("GOMEMLIMIT %s is %.0f%% of the limit %s", e.Value, 100*share, limit.String())
		}
		return
	}
	t.Error("no GOMEMLIMIT")
}
