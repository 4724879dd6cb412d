package metallb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/peergate/peergate/e2e/controlplane"
	"github.com/peergate/peergate/e2e/speaker/metallb"
	"github.com/peergate/peergate/internal/speaker"
)

const component = "../../../config/components/metallb"

var taint = corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}

// TestComponentLetsTheSpeakersRun holds the component, and what package speaker knows, against each manifest that is
// shipped: a DaemonSet that is renamed, a new one, or one that tolerates the taint by itself shows here.
func TestComponentLetsTheSpeakersRun(t *testing.T) {
	manifests, err := metallb.Manifests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, manifest := range manifests {
		t.Run(strings.TrimSuffix(filepath.Base(manifest), ".yaml"), func(t *testing.T) {
			want := map[string]bool{"speaker": true}
			if strings.Contains(t.Name(), "frr-k8s") {
				want["frr-k8s-daemon"] = true
			}
			shipped := build(t, manifest)
			if diff := cmp.Diff(want, deadlocked(shipped)); diff != "" {
				t.Errorf("speakers that do not tolerate the taint, as shipped (-want +got):\n%s", diff)
			}
			patched := build(t, manifest, component)
			for name := range want {
				want[name] = false
			}
			if diff := cmp.Diff(want, deadlocked(patched)); diff != "" {
				t.Errorf("speakers that do not tolerate the taint, with the component (-want +got):\n%s", diff)
			}
			for i := range patched {
				withoutToleration(t, patched[i])
			}
			if diff := cmp.Diff(shipped, patched); diff != "" {
				t.Errorf("the component changes more than one toleration (-shipped +patched):\n%s", diff)
			}
		})
	}
}

func build(t *testing.T, manifest string, components ...string) []*unstructured.Unstructured {
	t.Helper()
	directory := t.TempDir()
	if err := metallb.Kustomization(directory, manifest, components...); err != nil {
		t.Fatal(err)
	}
	objects, err := controlplane.Kustomize(directory)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// deadlocked are the speakers among objects, true if they do not tolerate the taint.
func deadlocked(objects []*unstructured.Unstructured) map[string]bool {
	found := map[string]bool{}
	for _, object := range objects {
		var d appsv1.DaemonSet
		if object.GetKind() != "DaemonSet" || runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &d) != nil {
			continue
		}
		f, ok := speaker.Of(&d, taint)
		if ok {
			found[d.Name] = !f.Tolerates
		}
	}
	return found
}

func withoutToleration(t *testing.T, object *unstructured.Unstructured) {
	t.Helper()
	if object.GetKind() != "DaemonSet" {
		return
	}
	path := []string{"spec", "template", "spec", "tolerations"}
	list, _, err := unstructured.NestedSlice(object.Object, path...)
	if err != nil {
		t.Fatal(err)
	}
	if err := unstructured.SetNestedSlice(object.Object, list[:len(list)-1], path...); err != nil {
		t.Fatal(err)
	}
}

// TestVersionIsTheSameEverywhere holds the copies that people read to the version that is tested.
func TestVersionIsTheSameEverywhere(t *testing.T) {
	for _, file := range []string{component + "/kustomization.yaml", "../../../docs/speakers.md"} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		const prefix = "metallb/metallb/"
		for i, rest := range strings.Split(string(content), prefix)[1:] {
			if !strings.HasPrefix(rest, metallb.Version+"/") {
				t.Errorf("%s, link %d: not of version %s", file, i+1, metallb.Version)
			}
		}
	}
}
