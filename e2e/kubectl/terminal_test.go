package kubectl_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/e2e/story"
)

// onTerminal is a command in a terminal of its own, for which script(1) is used.
func (p person) onTerminal(ctx context.Context, environment []string, args ...string) *exec.Cmd {
	p.Helper()
	script, err := exec.LookPath("script")
	if err != nil {
		p.Skip("no script(1), of Debian's package bsdutils: ", err)
	}
	typed := p.command(ctx, args...)
	cmd := exec.CommandContext(ctx, script, "--quiet", "--return", "--command", strings.Join(typed.Args, " "), "/dev/null")
	cmd.Env = append(append(typed.Env, "TERM=xterm"), environment...)
	return cmd
}

// TestOnATerminal: there are colours there, unless the person wants none, and a view that lives.
func TestOnATerminal(t *testing.T) {
	const red, cursorHome = "\x1b[31m", "\x1b[H"
	s := suite.New(t)
	root := admin(s)
	s.Policy()
	router := s.NewRouter()
	s.Declare(router)
	s.Join("terminal", "192.168.37.1")
	s.EventuallySays("terminal", corev1.ConditionFalse, "NeighborNotConfigured")

	for _, test := range []struct {
		environment []string
		coloured    bool
	}{{nil, true}, {[]string{"NO_COLOR=1"}, false}} {
		out, err := root.onTerminal(t.Context(), test.environment, "status").Output()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 {
			t.Errorf("with %v it ended with %v, want exit code 2", test.environment, err)
		}
		if strings.Contains(string(out), red) != test.coloured || strings.Contains(string(out), cursorHome) {
			t.Errorf("with %v it wrote %q", test.environment, out)
		}
	}

	ctx, cancel := context.WithTimeout(t.Context(), story.Patience)
	defer cancel()
	cmd := root.onTerminal(ctx, nil, "explain", "terminal", "--watch")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	view := bufio.NewReader(out)
	until(t, view, cursorHome+"Node \x1b[1mterminal\x1b[0m is \x1b[33mheld")
	router.Set("192.168.37.1", "Established")
	until(t, view, cursorHome+"Node \x1b[1mterminal\x1b[0m is \x1b[32mpeered")
	cancel()
	_ = cmd.Wait() // it was killed
}

// until reads until the words have come.
func until(t *testing.T, r io.ByteReader, words string) {
	t.Helper()
	var read strings.Builder
	for !strings.HasSuffix(read.String(), words) {
		b, err := r.ReadByte()
		if err != nil {
			t.Fatalf("%q has not come, but %q: %v", words, read.String(), err)
		}
		read.WriteByte(b)
	}
}
