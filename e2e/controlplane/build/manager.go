package build

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
)

// Manager builds Peergate's own manager into bin/, and returns its path. It always calls the compiler, which leaves an
// up-to-date program alone.
func Manager(ctx context.Context, progress io.Writer) (string, error) {
	if progress == nil {
		progress = io.Discard
	}
	root, err := repositoryRoot()
	if err != nil {
		return "", fmt.Errorf("building the manager: %w", err)
	}
	unlock, err := lock(filepath.Join(root, "bin"))
	if err != nil {
		return "", fmt.Errorf("building the manager: %w", err)
	}
	defer unlock()
	file := filepath.Join(root, "bin", "manager")
	job := compile{module: root, name: "the manager", packages: []string{"./cmd/manager"}, ldflags: "-s -w", progress: progress}
	return file, job.run(ctx, file)
}

// Config is the path of a directory below the repository's config/.
func Config(elements ...string) (string, error) {
	root, err := repositoryRoot()
	if err != nil {
		return "", err
	}
	return filepath.Join(append([]string{root, "config"}, elements...)...), nil
}
