package sshexec_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/routertest"
	"github.com/peergate/peergate/routerclient/sshexec"
)

const (
	account  = "monitor"
	password = "correct horse battery"
	command  = "show ip bgp summary"
)

// TestMain fails if any test left a goroutine of a connection behind.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leaked(10 * time.Second); left != "" && code == 0 {
		fmt.Fprintf(os.Stderr, "goroutines left behind:\n%s\n", left)
		code = 1
	}
	os.Exit(code)
}

// leaked gives the goroutines of closed connections some time to end and returns the stacks of those that have not.
func leaked(patience time.Duration) string {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.Now().Add(patience)
	for now := range tick.C {
		left := connectionGoroutines()
		if left == "" || now.After(deadline) {
			return left
		}
	}
	return ""
}

func connectionGoroutines() string {
	buf := make([]byte, 1<<20)
	var left []string
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, "x/crypto/ssh.") || strings.Contains(stack, "routerclient/sshexec.(") {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}

// summary is a handler with an answer to command.
var summary = routertest.Recorded(map[string]routerclient.Output{
	command: {Stdout: []byte("10.0.0.1 Established\n"), Stderr: []byte("% a warning\n")},
})

// newServer starts a router that takes account and password.
func newServer(t *testing.T, options routertest.Options) *routertest.Server {
	t.Helper()
	if options.Password == "" && options.AuthorizedKeys == nil {
		options.Password = password
	}
	options.User = account
	if options.Handler == nil {
		options.Handler = summary
	}
	return routertest.NewServer(t, options)
}

// configFor is the configuration of a client that is let in.
func configFor(server *routertest.Server) sshexec.Config {
	return sshexec.Config{
		Address:    server.Addr(),
		Username:   account,
		Password:   password,
		KnownHosts: server.KnownHosts(),
	}
}

func newRunner(t *testing.T, config sshexec.Config) *sshexec.Runner {
	t.Helper()
	r, err := sshexec.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// within bounds a test that is expected to succeed.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// checkError checks what a user sees: the reason in the condition, and words of the message. It never holds a secret.
func checkError(t *testing.T, err error, reason routerclient.Reason, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", reason)
	}
	if got := routerclient.ReasonOf(err); got != reason {
		t.Errorf("reason %s, want %s", got, reason)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error lacks %q", w)
		}
	}
	if strings.Contains(err.Error(), password) {
		t.Error("error holds the password")
	}
	if len(err.Error()) > 2000 {
		t.Errorf("error has %d bytes", len(err.Error()))
	}
	t.Logf("error: %v", err)
}
