package build

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// module writes a module with one command.
func module(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module example.org/hello\n\ngo 1.26\n", "main.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func job(t *testing.T, source string) compile {
	return compile{module: module(t, source), name: "hello", packages: []string{"."}, ldflags: "-s -w", progress: &bytes.Buffer{}}
}

func TestIfAbsentBuildsOnce(t *testing.T) {
	target := filepath.Join(t.TempDir(), "hello")
	if err := job(t, `package main; func main() { println("first") }`).ifAbsent(t.Context(), target); err != nil {
		t.Fatal(err)
	}
	if err := job(t, `package main; func main() { println("second") }`).ifAbsent(t.Context(), target); err != nil {
		t.Fatal(err)
	}
	output, err := exec.CommandContext(t.Context(), target).CombinedOutput()
	if err != nil || string(output) != "first\n" {
		t.Errorf("the program says %q, %v; want the first build's", output, err)
	}
}

func TestFailedBuildLeavesNothingAndQuotesTheCompiler(t *testing.T) {
	dir := t.TempDir()
	err := job(t, "package main\n\nfunc main() { undefined() }").ifAbsent(t.Context(), filepath.Join(dir, "hello"))
	if err == nil || !strings.Contains(err.Error(), "building hello: ") || !strings.Contains(err.Error(), "undefined: undefined") {
		t.Errorf("error %v, want the compiler's words", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestProgressLine(t *testing.T) {
	job := compile{name: "etcd v3"}
	for _, test := range []struct {
		compiled, total int
		want            string
	}{
		{3, 10, "building etcd v3: 3 of 10 packages, 1m5s"},
		{10, 10, "building etcd v3: linking, 1m5s"},
		{0, 0, "building etcd v3: linking, 1m5s"},
	} {
		if got := job.progressLine(test.compiled, test.total, 65100*time.Millisecond); got != test.want {
			t.Errorf("%d of %d: %q, want %q", test.compiled, test.total, got, test.want)
		}
	}
}

func TestMajorMinor(t *testing.T) {
	if major, minor, ok := majorMinor("v1.37.2"); major != "1" || minor != "37" || !ok {
		t.Errorf("v1.37.2: %q %q %t", major, minor, ok)
	}
	if _, _, ok := majorMinor(""); ok {
		t.Error("an empty version is ok")
	}
}
