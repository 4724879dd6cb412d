package metallb_test

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/peergate/peergate/e2e/speaker/metallb"
)

// TestChartsHaveTheValues looks for the values that package speaker says to set, in MetalLB's chart and in the chart of
// frr-k8s that comes with it.
func TestChartsHaveTheValues(t *testing.T) {
	directory, err := metallb.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	chart := filepath.Join(directory, "charts", "metallb")
	values, err := os.ReadFile(filepath.Join(chart, "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	archives, err := filepath.Glob(filepath.Join(chart, "charts", "frr-k8s-*.tgz"))
	if err != nil || len(archives) != 1 {
		t.Fatalf("the chart of frr-k8s: %v, %v", archives, err)
	}
	tests := map[string]struct {
		values []byte
		path   string
	}{
		"MetalLB": {values, "speaker.tolerations"},
		"frr-k8s": {fileIn(t, archives[0], "frr-k8s/values.yaml"), "frrk8s.tolerations"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var parsed map[string]any
			if err := yaml.Unmarshal(test.values, &parsed); err != nil {
				t.Fatal(err)
			}
			list, found, err := unstructured.NestedSlice(parsed, strings.Split(test.path, ".")...)
			if err != nil || !found || len(list) > 0 {
				t.Errorf("%s is %v (there: %t, %v), want an empty list", test.path, list, found, err)
			}
		})
	}
}

func fileIn(t *testing.T, archive, name string) []byte {
	t.Helper()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if err != nil {
			t.Fatalf("looking for %s in %s: %v", name, archive, err)
		}
		if header.Name != name {
			continue
		}
		content, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
}
