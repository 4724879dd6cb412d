package process_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/peergate/peergate/e2e/controlplane/process"
)

// childEnv makes the test binary start a process and wait to be killed.
const childEnv = "PROCESS_TEST_PARENT"

func TestMain(m *testing.M) {
	if log := os.Getenv(childEnv); log != "" {
		parent(log)
	}
	os.Exit(m.Run())
}

func parent(log string) {
	p, err := process.Start(process.Spec{Name: "sleep", Path: "/bin/sleep", Args: []string{"60"}, LogFile: log})
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString(strconv.Itoa(p.PID()) + "\n")
	<-p.Exited()
}

func shell(t *testing.T, script string) process.Spec {
	return process.Spec{
		Name: "shell", Path: "/bin/sh", Args: []string{"-c", script}, LogFile: filepath.Join(t.TempDir(), "log"),
		StopGrace: 100 * time.Millisecond,
	}
}

func start(t *testing.T, script string) *process.Process {
	t.Helper()
	p, err := process.Start(shell(t, script))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

func TestErrQuotesTheLogOfAProcessThatEndedByItself(t *testing.T) {
	p := start(t, "echo no such flag >&2; exit 3")
	<-p.Exited()
	err := p.Err()
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "no such flag") {
		t.Errorf("Err() = %v, want exit status 3 and the log", err)
	}
	if err := p.Stop(); err == nil {
		t.Error("Stop() = nil for a process that had ended by itself")
	}
}

func TestStop(t *testing.T) {
	p := start(t, "exec sleep 60")
	if err := p.Stop(); err != nil {
		t.Errorf("Stop() = %v", err)
	}
	if err := p.Err(); err != nil {
		t.Errorf("Err() after Stop = %v", err)
	}
}

func TestStopKillsWhatIgnoresSIGTERM(t *testing.T) {
	p := start(t, "trap '' TERM; echo ready; while :; do sleep 0.05; done")
	if err := p.WaitReady(t.Context(), logged(p)); err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("Stop() = %v, want an error that says killed", err)
	}
	if err := syscall.Kill(p.PID(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d still there: %v", p.PID(), err)
	}
}

func logged(p *process.Process) func(context.Context) error {
	stdout := "/proc/" + strconv.Itoa(p.PID()) + "/fd/1"
	return func(context.Context) error {
		log, err := os.Readlink(stdout)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(log)
		if err == nil && len(content) == 0 {
			return errors.New("nothing logged yet")
		}
		return err
	}
}

func TestWaitReadyGivesUpWhenTheProcessEnds(t *testing.T) {
	p := start(t, "echo address in use; exit 1")
	err := p.WaitReady(t.Context(), func(context.Context) error { return errors.New("connection refused") })
	if err == nil || !strings.Contains(err.Error(), "address in use") || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("WaitReady() = %v, want the log and the last answer", err)
	}
}

func TestNothingOutlivesAKilledParent(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+filepath.Join(t.TempDir(), "log"))
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 16)
	n, err := stdout.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(line[:n])))
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	waitGone(t, child)
}

// waitGone waits until nothing but a zombie is left of a process that is nobody's child here.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("process %d outlived its parent: %s", pid, stat)
		case <-ticker.C:
		}
	}
}
