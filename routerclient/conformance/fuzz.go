package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/replay"
)

// FuzzThree lets a router answer anything to the three commands of a driver. They are in the order of its recordings, from
// which it begins.
func FuzzThree(f *testing.F, newClient func(routerclient.Runner) routerclient.Client, commands [3]string) {
	recordings, err := filepath.Glob("testdata/*/01.command")
	if err != nil || len(recordings) == 0 {
		f.Fatalf("no recordings in testdata: %v", err)
	}
	for _, recording := range recordings {
		var stdout [len(commands)]string
		for i := range stdout {
			// A recording may end with an error before the last command.
			answer, _ := os.ReadFile(filepath.Join(filepath.Dir(recording), fmt.Sprintf("%02d.stdout", i+1)))
			stdout[i] = string(answer)
		}
		f.Add(stdout[0], stdout[1], stdout[2])
	}
	f.Fuzz(func(t *testing.T, first, second, third string) {
		_, _ = Ask(t, newClient, &replay.Runner{Answers: map[string]routerclient.Output{
			commands[0]: {Stdout: []byte(first)},
			commands[1]: {Stdout: []byte(second)},
			commands[2]: {Stdout: []byte(third)},
		}})
	})
}
