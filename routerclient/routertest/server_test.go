package routertest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/routertest"
	"github.com/peergate/peergate/routerclient/sshexec"
)

// dial returns a Runner for a server that lets everybody in.
func dial(t *testing.T, server *routertest.Server) *sshexec.Runner {
	t.Helper()
	r, err := sshexec.New(sshexec.Config{
		Address: server.Addr(), Username: "anybody", Password: "anything", KnownHosts: server.KnownHosts(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func run(t *testing.T, r *sshexec.Runner, command string) routerclient.Output {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	output, err := r.Run(ctx, command)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

func TestRecordings(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"summary.txt": {Data: []byte("Total number of neighbors 3\n")}}
	recordings, err := routertest.ReadRecordings(files, map[string]string{"show ip bgp summary": "summary.txt"})
	if err != nil {
		t.Fatal(err)
	}
	server := routertest.NewServer(t, routertest.Options{Handler: routertest.Recorded(recordings)})
	r := dial(t, server)

	got := []routerclient.Output{run(t, r, "show ip bgp summary"), run(t, r, "show version")}
	want := []routerclient.Output{
		{Stdout: []byte("Total number of neighbors 3\n"), Stderr: []byte{}},
		{Stdout: []byte{}, Stderr: []byte("sh: show version: command not found\n"), ExitStatus: 127},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"show ip bgp summary", "show version"}, server.Commands()); diff != "" {
		t.Errorf("commands: %s", diff)
	}
	if got := server.Connections(); got != 1 {
		t.Errorf("%d connections, want 1", got)
	}
}

func TestMissingRecording(t *testing.T) {
	t.Parallel()
	_, err := routertest.ReadRecordings(fstest.MapFS{}, map[string]string{"show ip bgp summary": "summary.txt"})
	if want := `reading recording of "show ip bgp summary": open summary.txt: file does not exist`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestConfigurationSession: lines typed one after the other reach one handler that remembers them.
func TestConfigurationSession(t *testing.T) {
	t.Parallel()
	var typed []string
	server := routertest.NewServer(t, routertest.Options{
		Handler: func(_ context.Context, line string, stdout, _ io.Writer) int {
			typed = append(typed, line)
			_, _ = fmt.Fprintf(stdout, "%d lines\n", len(typed))
			return 0
		},
	})
	r := dial(t, server)
	for i, line := range []string{"configure", "set protocols bgp 64512 neighbor 192.168.3.33 remote-as 64512", "commit"} {
		if got, want := string(run(t, r, line).Stdout), fmt.Sprintf("%d lines\n", i+1); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
	if got := server.Connections(); got != 1 {
		t.Errorf("%d connections, want 1", got)
	}
}

func TestCloseEndsRunningCommands(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]routertest.Handler{
		"stall":   routertest.Stall("text"),
		"trickle": routertest.Trickle(time.Millisecond),
		"flood":   routertest.Flood(-1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			started, ended := make(chan struct{}), make(chan struct{})
			server, err := routertest.Start(routertest.Options{
				Handler: func(ctx context.Context, command string, stdout, stderr io.Writer) int {
					close(started)
					defer close(ended)
					return handler(ctx, command, stdout, stderr)
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			client := dial(t, server)
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, _ = client.Run(context.Background(), "show")
			}()
			<-started
			server.Close()
			select {
			case <-ended:
			default:
				t.Error("Close returned while the handler was running")
			}
			<-done
			server.Close()
		})
	}
}

func TestOtherUsersAreRefused(t *testing.T) {
	t.Parallel()
	server := routertest.NewServer(t, routertest.Options{User: "admin"})
	_, err := dial(t, server).Run(t.Context(), "show")
	if got := routerclient.ReasonOf(err); err == nil || got != routerclient.ReasonAuthenticationFailed {
		t.Errorf("got %v, want %s", err, routerclient.ReasonAuthenticationFailed)
	}
}

// TestOnlyExec: routers that are asked for a terminal or a shell would page; the test router has neither.
func TestOnlyExec(t *testing.T) {
	t.Parallel()
	server := routertest.NewServer(t, routertest.Options{})
	client, err := ssh.Dial("tcp", server.Addr(), &ssh.ClientConfig{HostKeyCallback: ssh.InsecureIgnoreHostKey()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if session.RequestPty("vt100", 24, 80, nil) == nil || session.Shell() == nil {
		t.Error("a terminal or a shell was granted")
	}
	if diff := cmp.Diff([]string{"pty-req", "shell"}, server.Requests()); diff != "" {
		t.Error(diff)
	}
	if _, _, err := client.OpenChannel("direct-tcpip", nil); !refused(err) {
		t.Errorf("opening a tunnel: got %v, want a refusal", err)
	}
}

func refused(err error) bool {
	_, ok := errors.AsType[*ssh.OpenChannelError](err)
	return ok
}

func TestStartReportsBadAddress(t *testing.T) {
	t.Parallel()
	if _, err := routertest.Start(routertest.Options{Addr: "nowhere"}); err == nil {
		t.Error("no error for an address without a port")
	}
}
