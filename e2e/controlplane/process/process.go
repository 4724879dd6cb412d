// Package process runs the programs of an end-to-end test: each logs to its own file, and none outlives the test.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"
)

// DefaultStopGrace is how long Stop waits between SIGTERM and SIGKILL where Spec.StopGrace is 0.
const DefaultStopGrace = 10 * time.Second

// logTail is how much of its log an error about a process quotes, in bytes.
const logTail = 1 << 10

// Spec describes a process to start.
type Spec struct {
	// Name appears in errors.
	Name string
	Path string
	Args []string
	// Env is added to the environment of the calling process.
	Env []string
	// LogFile takes standard output and standard error. It is appended to, so that a restart keeps what came before.
	LogFile string
	// StopGrace is how long Stop waits before it kills; 0 means DefaultStopGrace.
	StopGrace time.Duration
	// CPUs are those that it may run on, by number; none means those of the calling process.
	CPUs []int
}

// Process is a running or ended process. Its methods may be called concurrently.
type Process struct {
	spec     Spec
	cmd      *exec.Cmd
	exited   chan struct{}
	exitErr  error // written before exited is closed
	stopping atomic.Bool
}

// Start starts a process that the kernel kills when the calling process ends, however it ends.
func Start(spec Spec) (*Process, error) {
	log, err := openLog(spec.LogFile)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", spec.Name, err)
	}
	defer log.Close()

	cmd := exec.Command(spec.Path, spec.Args...)
	cmd.Env = append(os.Environ(), spec.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	// A group of its own keeps a terminal's Ctrl-C from it: the test decides in which order things stop.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := forkLasting(cmd, spec.CPUs); err != nil {
		return nil, fmt.Errorf("starting %s: %w", spec.Name, err)
	}

	p := &Process{spec: spec, cmd: cmd, exited: make(chan struct{})}
	go func() {
		p.exitErr = cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

func openLog(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
}

// PID is the process's id. It stays the same after the process has ended.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Exited is closed when the process has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Err is nil while the process runs or after Stop or Kill ended it; otherwise it says how the process ended by
// itself, with the last lines of its log.
func (p *Process) Err() error {
	select {
	case <-p.exited:
	default:
		return nil
	}
	if p.stopping.Load() {
		return nil
	}
	how := "exit status 0"
	if p.exitErr != nil {
		how = p.exitErr.Error()
	}
	return fmt.Errorf("%s ended by itself: %s; its log (%s) ends:\n%s", p.spec.Name, how, p.spec.LogFile, p.tail())
}

// Stop ends the process with SIGTERM and, after the grace, with SIGKILL. It returns when the process has ended; the
// error is that of a process that had ended before, or that had to be killed.
func (p *Process) Stop() error {
	if err := p.Err(); err != nil {
		return err
	}
	p.stopping.Store(true)
	// ESRCH and os.ErrProcessDone only say that it has just ended.
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	grace := p.spec.StopGrace
	if grace == 0 {
		grace = DefaultStopGrace
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.exited:
		return nil
	case <-timer.C:
		p.Kill()
		return fmt.Errorf("stopping %s: still running %s after SIGTERM, killed", p.spec.Name, grace)
	}
}

// Kill ends the process with SIGKILL, as a power cut would, and returns when it has ended.
func (p *Process) Kill() {
	p.stopping.Store(true)
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// Signal sends a signal, such as SIGSTOP for a process that hangs.
func (p *Process) Signal(signal os.Signal) error {
	if err := p.cmd.Process.Signal(signal); err != nil {
		return fmt.Errorf("signalling %s: %w", p.spec.Name, err)
	}
	return nil
}

// WaitReady calls ready every 50 ms until it returns nil. It gives up when the process ends or ctx is done, with the
// last answer of ready in the error.
func (p *Process) WaitReady(ctx context.Context, ready func(context.Context) error) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		last := ready(ctx)
		if last == nil {
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("waiting for %s: %w", p.spec.Name, errors.Join(p.Err(), last))
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w: %w; its log (%s) ends:\n%s",
				p.spec.Name, ctx.Err(), last, p.spec.LogFile, p.tail())
		case <-ticker.C:
		}
	}
}

func (p *Process) tail() string {
	log, err := os.Open(p.spec.LogFile)
	if err != nil {
		return err.Error()
	}
	defer log.Close()
	if info, err := log.Stat(); err == nil && info.Size() > logTail {
		_, _ = log.Seek(-logTail, io.SeekEnd)
	}
	content, err := io.ReadAll(log)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(content))
}
