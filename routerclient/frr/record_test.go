package frr_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/frr"
	"github.com/peergate/peergate/routerclient/replay"
)

// TestRecord records what the FRR on this machine answers to the driver's commands. testdata/record.sh calls it.
func TestRecord(t *testing.T) {
	dir := os.Getenv("PEERGATE_RECORD")
	if dir == "" {
		t.Skip("PEERGATE_RECORD is not set to a folder; testdata/record.sh sets it")
	}
	client := frr.New(&replay.Recorder{Runner: localShell{}, Dir: dir}, frr.Options{})
	snapshot, err := client.Snapshot(t.Context())
	t.Logf("recorded: %+v, %v", snapshot, err)
}

// localShell runs commands as sshd would.
type localShell struct{}

func (localShell) Run(ctx context.Context, command string) (routerclient.Output, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		return routerclient.Output{}, err
	}
	return routerclient.Output{Stdout: stdout.Bytes(), Stderr: stderr.Bytes(), ExitStatus: cmd.ProcessState.ExitCode()}, nil
}

func (localShell) Close() error { return nil }
