package lab

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// logTail is how much of a program's log a failed test shows, in lines.
const logTail = 40

// process is a daemon of a host, run in the foreground.
type process struct {
	// pid is the process as its own host counts it: nsenter stands between it and the test.
	pid  string
	done chan struct{}
}

// announcePID tells the test its process ID, then becomes the program in its arguments.
const announcePID = `echo $$ >&3; exec "$@" 3>&-`

// start starts a daemon under a name that is unique on the host. What it prints is kept for failed tests.
func (h *Host) start(name string, argv ...string) error {
	log, err := os.OpenFile(h.logPath(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	pids, announce, err := os.Pipe()
	if err != nil {
		return err
	}
	defer pids.Close()
	cmd := exec.Command("nsenter", h.enter("--net", "--mount", "--uts", "--pid", "--", "sh", "-c", announcePID, name)...)
	cmd.Args = append(cmd.Args, argv...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{announce}
	err = cmd.Start()
	announce.Close()
	if err != nil {
		return err
	}
	p := &process{done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // a daemon that ends is noticed by what it no longer answers
		close(p.done)
	}()
	line, err := bufio.NewReader(pids).ReadString('\n')
	if err != nil {
		<-p.done
		return fmt.Errorf("starting %s on %s: %s", name, h.name, h.tail(name))
	}
	p.pid = strings.TrimSpace(line)
	h.processes[name] = p
	return nil
}

func (h *Host) running(name string) bool {
	p := h.processes[name]
	if p == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// signal sends a signal that ends a daemon, and returns once it has ended. It does nothing to a daemon that is not
// running.
func (h *Host) signal(ctx context.Context, name string, signal syscall.Signal) error {
	if !h.running(name) {
		return nil
	}
	p := h.processes[name]
	script := fmt.Sprintf("kill -%d %s", signal, p.pid)
	cmd := exec.CommandContext(ctx, "nsenter", h.enter("--pid", "--", "sh", "-c", script)...)
	if out, err := cmd.CombinedOutput(); err != nil && h.running(name) {
		return fmt.Errorf("ending %s on %s: %w: %s", name, h.name, err, out)
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("ending %s on %s: %w", name, h.name, ctx.Err())
	}
}

func (h *Host) logPath(name string) string { return filepath.Join(h.dir, name+".log") }

// tail is the end of what a daemon printed.
func (h *Host) tail(name string) string {
	log, err := os.ReadFile(h.logPath(name))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	return strings.Join(lines[max(0, len(lines)-logTail):], "\n")
}

// logTails is the end of what each daemon of the host printed.
func (h *Host) logTails() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(h.processes)) {
		fmt.Fprintf(&b, "--- %s on %s\n%s\n", name, h.name, h.tail(name))
	}
	return b.String()
}
