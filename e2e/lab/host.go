package lab

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Host is a machine of the lab: network, mount, process and hostname namespaces of its own. It has its own /run and
// /var/tmp, a copy of /etc, and its own version of the few files and directories that its programs write or that say who
// may log in; the rest of the file system is the machine's. One goroutine at a time may start and end a host's programs.
type Host struct {
	name string
	dir  string
	// init is the first process of the host's process namespace: the kernel ends all others with it.
	init      *exec.Cmd
	lifeline  io.Closer
	processes map[string]*process
}

// initScript waits for the end of the test process, whose end of the pipe on stdin the kernel closes whatever the
// cause. PR_SET_PDEATHSIG would not do: it is lost where a daemon gives up root, and fires when a thread ends.
const initScript = `
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /var/tmp
cp -a /etc /run/etc
mount --bind /run/etc /etc
echo "$1" >/proc/sys/kernel/hostname
shift
[ -z "$usr" ] || mount --bind -o ro "$usr" /usr
for path; do
	[ -e "$path" ] || touch "$path"
	mount --bind "$root$path" "$path"
done
ip link set lo up
echo ready
exec cat >/dev/null
`

// startHost starts a host whose private paths are its own, with the programs of a release. Directories start empty, with the owner and mode they have on
// the machine; files start as copies, or empty if they are below /etc and the machine has none.
func startHost(labDir, name string, release Release, private []string) (*Host, error) {
	h := &Host{name: name, dir: filepath.Join(labDir, name), processes: map[string]*process{}}
	for _, path := range private {
		if err := h.clone(path); err != nil {
			return nil, err
		}
	}
	if err := h.boot(release, private); err != nil {
		return nil, err
	}
	return h, nil
}

// boot starts the host's first process, and returns once the host is set up.
func (h *Host) boot(release Release, private []string) error {
	h.init = exec.Command("sh", append([]string{"-c", initScript, "init", h.name}, private...)...)
	h.init.Env = append(os.Environ(), "root="+h.dir, "usr="+release.usr())
	h.init.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS,
	}
	var stderr bytes.Buffer
	h.init.Stderr = &stderr
	stdin, err := h.init.StdinPipe()
	if err != nil {
		return err
	}
	h.lifeline = stdin
	stdout, err := h.init.StdoutPipe()
	if err != nil {
		return err
	}
	if err := h.init.Start(); err != nil {
		return err
	}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		return errors.Join(h.close(), errors.New(strings.TrimSpace(stderr.String())))
	}
	return nil
}

// clone makes the host's own version of a path of the machine.
func (h *Host) clone(path string) error {
	own := filepath.Join(h.dir, path)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return writeEmpty(own)
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		err = os.MkdirAll(own, 0o755)
	} else {
		err = copyFile(own, path)
	}
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t)
	return errors.Join(os.Chown(own, int(owner.Uid), int(owner.Gid)), os.Chmod(own, info.Mode().Perm()))
}

func writeEmpty(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, nil, 0o600)
}

func copyFile(to, from string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

// writeFile writes a file below one of the host's private directories; owner is a user of the machine.
func (h *Host) writeFile(path string, content []byte, mode os.FileMode, owner account) error {
	own := filepath.Join(h.dir, path)
	if err := os.WriteFile(own, content, mode); err != nil {
		return err
	}
	return os.Chown(own, owner.uid, owner.gid)
}

// Name is the host's name.
func (h *Host) Name() string { return h.name }

// Exec runs a program on the host as root, and returns what it printed on stdout. An error carries what it printed
// on stderr.
func (h *Host) Exec(ctx context.Context, argv ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "nsenter", h.enter("--net", "--mount", "--uts", "--")...)
	cmd.Args = append(cmd.Args, argv...)
	// Programs keep their history at home (vtysh in .history_frr): let that be the host's own.
	cmd.Env = append(os.Environ(), "HOME=/run")
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		said := strings.TrimSpace(stdout.String() + stderr.String())
		return stdout.String(), fmt.Errorf("running %q on %s: %w: %s", argv, h.name, err, said)
	}
	return stdout.String(), nil
}

func (h *Host) run(ctx context.Context, argv ...string) error {
	_, err := h.Exec(ctx, argv...)
	return err
}

// enter is the arguments with which nsenter joins the host's namespaces.
func (h *Host) enter(args ...string) []string {
	return append([]string{"--target", h.pid()}, args...)
}

// pid is the host's first process as the machine counts it.
func (h *Host) pid() string { return strconv.Itoa(h.init.Process.Pid) }

// close ends the host: the kernel has ended all its processes when the first one is gone.
func (h *Host) close() error {
	h.lifeline.Close()
	err := h.init.Process.Kill()
	_ = h.init.Wait() // reports the kill itself
	for _, p := range h.processes {
		<-p.done
	}
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
