package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// mount makes the files those of dir, as a kubelet does with the volume of a Secret: each is a symbolic link through the
// link ..data, whose rename changes all of them at once.
func mount(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	version, err := writeVersion(dir, files)
	if err != nil {
		return err
	}
	data := filepath.Join(dir, "..data")
	previous, err := os.Readlink(data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(version, data+"_tmp"); err != nil {
		return err
	}
	if err := os.Rename(data+"_tmp", data); err != nil {
		return err
	}
	for name := range files {
		err := os.Symlink(filepath.Join("..data", name), filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if previous == "" {
		return nil
	}
	return os.RemoveAll(filepath.Join(dir, previous))
}

// writeVersion writes the files into a new directory below dir, and returns its name.
func writeVersion(dir string, files map[string][]byte) (string, error) {
	version, err := os.MkdirTemp(dir, "..version-")
	if err != nil {
		return "", err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(version, name), content, 0o600); err != nil {
			return "", fmt.Errorf("writing version %s: %w", version, err)
		}
	}
	return filepath.Base(version), nil
}
