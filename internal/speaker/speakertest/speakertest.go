// Package speakertest holds DaemonSets as the projects of the speakers ship them, and some that people make of those: for
// tests, which all look at the same.
package speakertest

import (
	"embed"
	"io/fs"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"
)

//go:embed *.yaml
var files embed.FS

// DaemonSets are those of this directory by the names of their files. One whose name begins with none is no speaker; the
// others have the labels, images and tolerations that their projects ship.
func DaemonSets(tb testing.TB) map[string]appsv1.DaemonSet {
	tb.Helper()
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	all := map[string]appsv1.DaemonSet{}
	for _, name := range names {
		content, err := files.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		var d appsv1.DaemonSet
		if err := yaml.UnmarshalStrict(content, &d); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		all[strings.TrimSuffix(name, ".yaml")] = d
	}
	return all
}
