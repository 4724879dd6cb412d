package install

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// Logs returns what all replicas have logged so far, those that have ended included.
func (p *Peergate) Logs() ([]byte, error) {
	files, err := filepath.Glob(filepath.Join(p.options.LogDir, "manager-*.log"))
	if err != nil {
		return nil, fmt.Errorf("finding the logs: %w", err)
	}
	var logs bytes.Buffer
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading the logs: %w", err)
		}
		logs.Write(content)
	}
	return logs.Bytes(), nil
}
