package lab_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/peergate/peergate/e2e/lab"
)

// victimEnv is set in the process that TestNothingOutlivesTheProcess kills, to a value that no other process has: all
// that a lab starts inherits it.
const victimEnv = "PEERGATE_LAB_VICTIM"

func TestNothingOutlivesTheProcess(t *testing.T) {
	l := lab.New(t)
	if os.Getenv(victimEnv) != "" {
		waitForDeath(t, l)
	}
	variable := victimEnv + "=" + t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), variable, "TMPDIR="+t.TempDir())
	stdout, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	management := readAddr(t, bufio.NewScanner(stdout))
	if noProcessOf(variable) == nil || noInterfaceBeside(management) == nil {
		t.Error("the test does not see what a lab starts")
	}
	check(t, cmd.Process.Kill())
	_ = cmd.Wait() // reports the kill
	eventually(t, func() error { return errors.Join(noInterfaceBeside(management), noProcessOf(variable)) })
}

func waitForDeath(t *testing.T, l *lab.Lab) {
	edge := newEdge(l)
	startNode(t, l, "leviathan2", leviathan2, edge)
	fmt.Printf("management %s\n", edge.SSH().Addr.Addr())
	select {}
}

// eventually returns once there is no error, which must be soon.
func eventually(t *testing.T, ask func() error) {
	t.Helper()
	ctx := deadline(t)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for err := ask(); err != nil; err = ask() {
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-ticker.C:
		}
	}
}

func readAddr(t *testing.T, lines *bufio.Scanner) netip.Addr {
	t.Helper()
	for lines.Scan() {
		if addr, ok := strings.CutPrefix(lines.Text(), "management "); ok {
			return netip.MustParseAddr(addr)
		}
	}
	t.Fatal("the process ended before its lab was up")
	return netip.Addr{}
}

// noInterfaceBeside looks for the machine's end of a link.
func noInterfaceBeside(far netip.Addr) error {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Masked().Contains(far) {
			return fmt.Errorf("the machine still has the link %s", a)
		}
	}
	return nil
}

// noProcessOf looks for a process that inherited a variable of its environment.
func noProcessOf(variable string) error {
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return err
	}
	for _, file := range environs {
		environ, _ := os.ReadFile(file) // unreadable if the process has ended since
		if bytes.Contains(environ, []byte(variable+"\x00")) {
			return fmt.Errorf("%s has %s", file, variable)
		}
	}
	return nil
}
