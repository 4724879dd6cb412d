// Package metallb has the manifests that MetalLB ships, out of its Go module: what people apply, byte for byte, and
// without a copy of it in this repository.
package metallb

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	module = "go.universe.tf/metallb"
	// Version is also that in docs/speakers.md and config/components/metallb.
	Version = "v0.16.2"
	// sum is of the module's content, as it would be in a go.sum.
	sum = "h1:RCSAGoZmqcvTg0e56+Okbwz8iTuQVX30JpKX5mYEPUM="
)

// Manifests returns the files in config/manifests, one for each way to run MetalLB.
func Manifests(ctx context.Context) ([]string, error) {
	directory, err := Directory(ctx)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(directory, "config", "manifests", "*.yaml"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("MetalLB %s has no config/manifests", Version)
	}
	return files, err
}

// Directory returns MetalLB's repository as it was at Version, from the Go module proxy once, and then from the module
// cache.
func Directory(ctx context.Context) (string, error) {
	directory, err := download(ctx)
	if err != nil {
		return "", fmt.Errorf("getting MetalLB %s: %w", Version, err)
	}
	return directory, nil
}

// download asks for the module apart from any go.mod: as a dependency, MetalLB would have its say in the versions of
// everybody else's modules.
func download(ctx context.Context) (string, error) {
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", module+"@"+Version)
	command.Dir, command.Stdout, command.Stderr = os.TempDir(), &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("running %s: %w: %s%s", command, err, stderr.Bytes(), stdout.Bytes())
	}
	var downloaded struct{ Dir, Sum string }
	if err := json.Unmarshal(stdout.Bytes(), &downloaded); err != nil {
		return "", fmt.Errorf("reading the output of %s: %w", command, err)
	}
	if downloaded.Sum != sum {
		return "", fmt.Errorf("its content has sum %s, want %s", downloaded.Sum, sum)
	}
	return downloaded.Dir, nil
}

// Kustomization writes a kustomization into a directory that is made for it: a manifest, and components, each the path of
// a directory.
func Kustomization(directory, manifest string, components ...string) error {
	content, err := os.ReadFile(manifest)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(directory, "metallb.yaml"), content, 0o644); err != nil {
		return err
	}
	var text strings.Builder
	text.WriteString("resources: [metallb.yaml]\ncomponents:\n")
	for _, component := range components {
		absolute, err := filepath.Abs(component)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(directory, absolute)
		if err != nil {
			return err
		}
		fmt.Fprintln(&text, "  -", relative)
	}
	return os.WriteFile(filepath.Join(directory, "kustomization.yaml"), []byte(text.String()), 0o644)
}
