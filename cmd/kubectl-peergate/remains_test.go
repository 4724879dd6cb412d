package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// TestNothingIsForgotten: each object that can be installed is deleted by the command, or by a line of those that it says are
// left to type where the manifests are not at hand.
func TestNothingIsForgotten(t *testing.T) {
	u := &uninstallation{cluster: cluster{namespace: "peergate-system"}}
	_, said, _ := strings.Cut(u.remains(), "without the manifests:")
	kustomizations := []string{"default"}
	for _, component := range []string{"bmp", "monitoring", "mutating-admission-policy", "network-policy", "tolerate-speakers"} {
		kustomizations = append(kustomizations, filepath.Join("testdata", component))
	}
	for _, name := range kustomizations {
		objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).
			Run(filesys.MakeFsOnDisk(), filepath.Join("..", "..", "config", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects.Resources() {
			kind := strings.ToLower(o.GetKind())
			switch {
			case o.GetNamespace() == u.namespace: // goes with it
			case kind == "mutatingwebhookconfiguration" || kind == "mutatingadmissionpolicybinding": // the command deletes it
			case strings.HasPrefix(kind, "clusterrole") && o.GetLabels()["app.kubernetes.io/part-of"] == "peergate" && names(said, kind, "-l app.kubernetes.io/part-of=peergate"):
			case kind == "customresourcedefinition" && names(said, "crd", o.GetName()):
			case names(said, kind, o.GetName()):
			default:
				t.Errorf("%s: nothing deletes %s %s", name, o.GetKind(), o.GetName())
			}
		}
	}
}

// names is true if a line deletes the object of a kind.
func names(lines, kind, object string) bool {
	for line := range strings.Lines(lines) {
		words := regexp.MustCompile(`[ ,\n]+`).Split(line, -1)
		if slices.Contains(words, kind) && strings.Contains(line, " "+object) {
			return true
		}
	}
	return false
}
