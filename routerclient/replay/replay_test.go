package replay_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/replay"
)

func TestRecordingReplays(t *testing.T) {
	router := &replay.Runner{Answers: map[string]routerclient.Output{
		"show bgp": {Stdout: []byte("no neighbors\n")},
		"enable":   {Stdout: []byte{}, Stderr: []byte("denied\n"), ExitStatus: 77},
		"show run": {Stdout: []byte("x"), ExitStatus: -1},
	}}
	dir := t.TempDir()
	recorder := &replay.Recorder{Runner: router, Dir: dir}
	for command := range router.Answers {
		if _, err := recorder.Run(t.Context(), command); err != nil {
			t.Fatal(err)
		}
	}
	replayed, err := replay.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(router.Answers, replayed.Answers); diff != "" {
		t.Errorf("replayed answers differ (-recorded +replayed):\n%s", diff)
	}
}

func TestRun(t *testing.T) {
	runner := &replay.Runner{Answers: map[string]routerclient.Output{"show bgp": {}}}
	if _, err := runner.Run(t.Context(), "show bgp"); err != nil {
		t.Error(err)
	}
	if _, err := runner.Run(t.Context(), "show ip"); routerclient.ReasonOf(err) != routerclient.ReasonAnswerNotUnderstood {
		t.Errorf("a command that was not recorded: %v", err)
	}
	if diff := cmp.Diff([]string{"show bgp", "show ip"}, runner.Asked()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := runner.Run(ctx, "show bgp"); err == nil {
		t.Error("a command run when the time is up: no error")
	}
}

func TestLoadRefusesAnEmptyFolder(t *testing.T) {
	if _, err := replay.Load(t.TempDir()); err == nil {
		t.Error("loading an empty folder: no error")
	}
}
