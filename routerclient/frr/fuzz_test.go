package frr_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/peergate/peergate/routerclient/conformance"
)

// FuzzSnapshot lets a router answer anything to the three kinds of command.
func FuzzSnapshot(f *testing.F) {
	recordings, err := filepath.Glob("testdata/*/*.stdout")
	if err != nil {
		f.Fatal(err)
	}
	for _, recording := range recordings {
		answer, err := os.ReadFile(recording)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(answer), "{}", "{}")
		f.Add(inDefault(1, `"192.0.2.2":{"state":"Idle","peerGroupCount":1}`), string(answer), string(answer))
	}
	f.Fuzz(func(t *testing.T, summary, groups, neighbors string) {
		router := &anyCommand{answer: func(command string) string {
			switch {
			case strings.Contains(command, "summary"):
				return summary
			case strings.Contains(command, "peer-group"):
				return groups
			}
			return neighbors
		}}
		_, _ = conformance.Ask(t, newClient, router)
	})
}
