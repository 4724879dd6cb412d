package sshexec_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/routertest"
	"github.com/peergate/peergate/routerclient/sshexec"
)

func TestRunKeepsStreamsAndStatusApart(t *testing.T) {
	t.Parallel()
	server := newServer(t, routertest.Options{})
	got, err := newRunner(t, configFor(server)).Run(within(t, 10*time.Second), command)
	if err != nil {
		t.Fatal(err)
	}
	want := routerclient.Output{Stdout: []byte("10.0.0.1 Established\n"), Stderr: []byte("% a warning\n")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"exec"}, server.Requests()); diff != "" {
		t.Errorf("requests other than exec, a pty perhaps: %s", diff)
	}
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	answer := func(stdout string, status int) routertest.Handler {
		return routertest.Recorded(map[string]routerclient.Output{command: {Stdout: []byte(stdout), ExitStatus: status}})
	}
	tests := map[string]struct {
		handler    routertest.Handler
		oneCommand bool
		want       int
		wantReason routerclient.Reason
	}{
		"zero":                        {handler: answer("text", 0), want: 0},
		"zero without a word":         {handler: answer("", 0), want: 0},
		"not zero":                    {handler: answer("% denied", 77), want: 77},
		"none":                        {handler: answer("text", -1), want: -1},
		"none, not a word":            {handler: answer("", -1), wantReason: routerclient.ReasonUnreachable},
		"none, not a word, Cisco IOS": {handler: answer("", -1), oneCommand: true, want: -1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := configFor(newServer(t, routertest.Options{Handler: tt.handler}))
			config.OneCommandPerConnection = tt.oneCommand
			got, err := newRunner(t, config).Run(within(t, 10*time.Second), command)
			if tt.wantReason != "" {
				checkError(t, err, tt.wantReason, "without one")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.ExitStatus != tt.want {
				t.Errorf("exit status %d, want %d", got.ExitStatus, tt.want)
			}
		})
	}
}

// TestInputThatEndsTheSession runs a command on IOS XR, which hangs up on a client that says that it will type no more.
func TestInputThatEndsTheSession(t *testing.T) {
	t.Parallel()
	server := newServer(t, routertest.Options{Faults: routertest.Faults{OneCommandPerConnection: true, InputEndsSession: true}})
	config := configFor(server)
	config.OneCommandPerConnection = true
	got, err := newRunner(t, config).Run(within(t, 10*time.Second), command)
	if err != nil || string(got.Stdout) != "10.0.0.1 Established\n" {
		t.Errorf("answer %q, %v", got.Stdout, err)
	}
}

// TestRouterThatWaitsForTheClientToClose ends its answers without closing their channels, which OpenSSH's client does then.
func TestRouterThatWaitsForTheClientToClose(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"with an exit status": 77, "without": -1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, routertest.Options{
				Faults:  routertest.Faults{AwaitClose: true},
				Handler: routertest.Recorded(map[string]routerclient.Output{command: {Stdout: []byte("text"), ExitStatus: status}}),
			})
			r := newRunner(t, configFor(server))
			sshexec.SetCloseGrace(r, 10*time.Millisecond)
			for range 2 {
				got, err := r.Run(within(t, 10*time.Second), command)
				if err != nil {
					t.Fatal(err)
				}
				if string(got.Stdout) != "text" || got.ExitStatus != status {
					t.Errorf("answer %q with exit status %d, want text with %d", got.Stdout, got.ExitStatus, status)
				}
			}
			if got := server.Connections(); got != 1 {
				t.Errorf("%d connections, want one", got)
			}
		})
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		faults     routertest.Faults
		oneCommand bool
		between    func(*routertest.Server, *sshexec.Runner)
		want       int
	}{
		"kept":              {want: 1},
		"one a command":     {oneCommand: true, want: 3},
		"dropped when idle": {between: func(s *routertest.Server, _ *sshexec.Runner) { s.CloseConnections() }, want: 3},
		"closed by us":      {between: func(_ *routertest.Server, r *sshexec.Runner) { _ = r.Close() }, want: 3},
		"one a command, as the router does": {
			faults: routertest.Faults{OneCommandPerConnection: true}, oneCommand: true, want: 3,
		},
		"router ends each and we did not know": {faults: routertest.Faults{OneCommandPerConnection: true}, want: 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, routertest.Options{Faults: tt.faults})
			config := configFor(server)
			config.OneCommandPerConnection = tt.oneCommand
			r := newRunner(t, config)
			for range 3 {
				if _, err := r.Run(within(t, 10*time.Second), command); err != nil {
					t.Fatal(err)
				}
				if tt.between != nil {
					tt.between(server, r)
				}
			}
			if got := server.Connections(); got != tt.want {
				t.Errorf("%d connections, want %d", got, tt.want)
			}
			if got := len(server.Commands()); got != 3 {
				t.Errorf("%d commands, want 3", got)
			}
		})
	}
}

// switchedOff is a connection to a router that lost its power: nothing it is sent arrives, and nothing says so.
type switchedOff struct {
	net.Conn
	off *atomic.Bool
}

func (c switchedOff) Write(p []byte) (int, error) {
	if c.off.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

func TestKeptConnectionThatDiedSilentlyIsReplaced(t *testing.T) {
	t.Parallel()
	server := newServer(t, routertest.Options{})
	config := configFor(server)
	var off []*atomic.Bool
	config.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		off = append(off, new(atomic.Bool))
		return switchedOff{conn, off[len(off)-1]}, err
	}
	r := newRunner(t, config)
	sshexec.SetReuseTimeout(r, 50*time.Millisecond)
	for range 2 {
		if _, err := r.Run(within(t, 10*time.Second), command); err != nil {
			t.Fatal(err)
		}
		off[0].Store(true)
	}
	if got := len(server.Commands()); server.Connections() != 2 || got != 2 {
		t.Errorf("%d connections and %d commands, want 2 and 2", server.Connections(), got)
	}
}

func TestCommandIsNeverSentTwice(t *testing.T) {
	t.Parallel()
	server := newServer(t, routertest.Options{Faults: routertest.Faults{HangUpOnExec: true}})
	r := newRunner(t, configFor(server))
	for i := range 2 {
		_, err := r.Run(within(t, 10*time.Second), command)
		checkError(t, err, routerclient.ReasonUnreachable, "starting", "closed the connection")
		if got := len(server.Commands()); got != i+1 {
			t.Fatalf("%d commands after %d runs", got, i+1)
		}
	}
}

func TestDeadlineHoldsInEveryPhase(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		faults  routertest.Faults
		handler routertest.Handler
		doing   string
	}{
		"accepts and says nothing": {faults: routertest.Faults{Silent: true}, doing: "exchanging keys with 127.0.0.1:"},
		"stops after its version":  {faults: routertest.Faults{SilentHandshake: true}, doing: "exchanging keys with 127.0.0.1:"},
		"never judges a password":  {faults: routertest.Faults{SilentLogin: true}, doing: `authenticating to 127.0.0.1:`},
		"opens no session":         {faults: routertest.Faults{SilentSession: true}, doing: "opening a session on 127.0.0.1:"},
		"never answers":            {handler: routertest.Stall(""), doing: `waiting for the answer to "show ip bgp summary"`},
		"stops within its answer":  {handler: routertest.Stall("BGP table"), doing: `reading the answer to "show ip bgp summary", 9 bytes so far`},
		"trickles":                 {handler: routertest.Trickle(time.Millisecond), doing: `reading the answer to "show ip bgp summary"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, routertest.Options{Faults: tt.faults, Handler: tt.handler})
			r := newRunner(t, configFor(server))
			start := time.Now()
			_, err := r.Run(within(t, 2*time.Second), command)
			checkError(t, err, routerclient.ReasonTimeout, tt.doing)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error("error does not wrap context.DeadlineExceeded")
			}
			if took := time.Since(start); took > 8*time.Second {
				t.Errorf("took %s, want 2 s", took)
			}
			_, _ = r.Run(within(t, 100*time.Millisecond), command)
			if got := server.Connections(); got != 2 {
				t.Errorf("%d connections after a timeout and another command, want 2", got)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := newServer(t, routertest.Options{
		Handler: func(ctx context.Context, _ string, _, _ io.Writer) int {
			cancel()
			<-ctx.Done()
			return -1
		},
	})
	_, err := newRunner(t, configFor(server)).Run(ctx, command)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestOutputIsBounded(t *testing.T) {
	t.Parallel()
	stderrFlood := func(ctx context.Context, command string, stdout, stderr io.Writer) int {
		return routertest.Flood(-1)(ctx, command, stderr, stdout)
	}
	tests := map[string]struct {
		handler   routertest.Handler
		maxOutput int64
		want      int // bytes; 0 for an error
	}{
		"10 MB of garbage":    {handler: routertest.Flood(10 << 20), want: 10 << 20},
		"exactly the limit":   {handler: routertest.Flood(1000), maxOutput: 1000, want: 1000},
		"a byte too many":     {handler: routertest.Flood(1001), maxOutput: 1000},
		"17 MB of garbage":    {handler: routertest.Flood(17 << 20)},
		"garbage without end": {handler: routertest.Flood(-1)},
		"stderr without end":  {handler: stderrFlood},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, routertest.Options{Handler: tt.handler})
			config := configFor(server)
			config.MaxOutput = tt.maxOutput
			got, err := newRunner(t, config).Run(within(t, time.Minute), command)
			if tt.want == 0 {
				checkError(t, err, routerclient.ReasonAnswerTooLarge, "reading the answer", "more than")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Stdout) != tt.want {
				t.Errorf("%d bytes, want %d", len(got.Stdout), tt.want)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := newServer(t, routertest.Options{})
	address, hosts := server.Addr(), server.KnownHosts()
	server.Close()
	r := newRunner(t, sshexec.Config{Address: address, Username: account, Password: password, KnownHosts: hosts})
	_, err := r.Run(within(t, 10*time.Second), command)
	checkError(t, err, routerclient.ReasonUnreachable, "connecting to "+address, "connection refused")
}

// TestNoTCPConnection: a deadline that passes before there is a connection says that the router cannot be reached, not
// that it is slow.
func TestNoTCPConnection(t *testing.T) {
	t.Parallel()
	config := configFor(newServer(t, routertest.Options{}))
	config.Dialer = func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
	}
	_, err := newRunner(t, config).Run(within(t, 10*time.Millisecond), command)
	checkError(t, err, routerclient.ReasonUnreachable, "connecting to")
}

// TestNotSSH connects to servers that speak another protocol, or that hang up.
func TestNotSSH(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ greeting, want string }{
		"hangs up":           {"", "closed the connection"},
		"HTTP":               {"HTTP/1.1 400 Bad Request\r\n\r\n", `the router closed the connection, after "HTTP/1.1 400 Bad Request"`},
		"turns us away":      {"Not allowed at this time\r\n", `the router closed the connection, after "Not allowed at this time"`},
		"dies after version": {"Welcome\r\nSSH-2.0-router\r\n", "the router closed the connection"},
		"long lines":         {strings.Repeat("x", 10<<20), ""},
		"many lines":         {strings.Repeat("\n", 10<<20), ""},
		"wrong packet":       {"SSH-2.0-router\r\n" + strings.Repeat("\xff", 1<<20), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := greetAndHangUp(t, test.greeting)
			hosts := strings.Replace(string(newServer(t, routertest.Options{}).KnownHosts()), "[127.0.0.1]", "*,[127.0.0.1]", 1)
			r := newRunner(t, sshexec.Config{Address: address, Username: account, Password: password, KnownHosts: []byte(hosts)})
			_, err := r.Run(within(t, 10*time.Second), command)
			checkError(t, err, routerclient.ReasonUnreachable, "exchanging keys with "+address, test.want)
			if strings.Contains(err.Error(), "Welcome") {
				t.Error("the error repeats what was said before a version")
			}
		})
	}
}

func greetAndHangUp(t *testing.T, greeting string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, greeting)
		_ = conn.Close()
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String()
}

func TestBannersAreNoPartOfTheAnswer(t *testing.T) {
	t.Parallel()
	legal := []byte(strings.Repeat("This is a private system. Disconnect now.\r\n", 100))
	server := newServer(t, routertest.Options{
		Banner: "Welcome to EdgeOS\n",
		Faults: routertest.Faults{Preamble: legal},
	})
	got, err := newRunner(t, configFor(server)).Run(within(t, 10*time.Second), command)
	if err != nil {
		t.Fatal(err)
	}
	if want := "10.0.0.1 Established\n"; string(got.Stdout) != want {
		t.Errorf("got %q, want %q", got.Stdout, want)
	}
}

func TestRefusedCommands(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		faults routertest.Faults
		words  string
	}{
		"command": {routertest.Faults{RefuseExec: true}, `starting "show ip bgp summary": the router refused to run it`},
		"session": {routertest.Faults{RefuseSession: true}, "administratively prohibited"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, routertest.Options{Faults: tt.faults})
			r := newRunner(t, configFor(server))
			for i := range 2 {
				_, err := r.Run(within(t, 10*time.Second), command)
				checkError(t, err, routerclient.ReasonPermissionDenied, tt.words)
				if got := server.Connections(); got != i+1 {
					t.Errorf("%d connections after %d refusals", got, i+1)
				}
			}
		})
	}
}

func TestLegacyAlgorithms(t *testing.T) {
	t.Parallel()
	_, rsa := newRSAKey(t)
	sha1Only, err := ssh.NewSignerWithAlgorithms(rsa.(ssh.AlgorithmSigner), []string{ssh.KeyAlgoRSA})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		options routertest.Options
		offer   string
	}{
		"key exchange": {
			options: routertest.Options{Algorithms: ssh.Config{KeyExchanges: []string{ssh.InsecureKeyExchangeDH1SHA1}}},
			offer:   "no key exchange in common: the router offers only diffie-hellman-group1-sha1",
		},
		"cipher": {
			options: routertest.Options{Algorithms: ssh.Config{Ciphers: []string{ssh.InsecureCipherAES128CBC, ssh.InsecureCipherTripleDESCBC}}},
			offer:   "the router offers only aes128-cbc, 3des-cbc",
		},
		"host key": {
			options: routertest.Options{HostKeys: []ssh.Signer{sha1Only}},
			offer:   "no host key in common: the router offers only ssh-rsa",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, tt.options)
			config := configFor(server)
			_, err := newRunner(t, config).Run(within(t, 10*time.Second), command)
			checkError(t, err, routerclient.ReasonAlgorithmMismatch, tt.offer, "set legacyAlgorithms: true")

			config.LegacyAlgorithms = true
			if _, err := newRunner(t, config).Run(within(t, 10*time.Second), command); err != nil {
				t.Errorf("with legacy algorithms: %v", err)
			}
		})
	}
}

// TestSafeAlgorithmsWorkWithoutLegacy guards against lists that replace the defaults, or that leave safe ones out.
func TestSafeAlgorithmsWorkWithoutLegacy(t *testing.T) {
	t.Parallel()
	safe := ssh.SupportedAlgorithms()
	for _, legacy := range []bool{false, true} {
		for _, algorithm := range slices.Concat(safe.KeyExchanges, safe.Ciphers) {
			server := newServer(t, routertest.Options{Algorithms: only(algorithm, safe)})
			config := configFor(server)
			config.LegacyAlgorithms = legacy
			if _, err := newRunner(t, config).Run(within(t, 10*time.Second), command); err != nil {
				t.Errorf("legacy %v, %s: %v", legacy, algorithm, err)
			}
		}
	}
}

func only(algorithm string, all ssh.Algorithms) ssh.Config {
	if slices.Contains(all.Ciphers, algorithm) {
		return ssh.Config{Ciphers: []string{algorithm}}
	}
	return ssh.Config{KeyExchanges: []string{algorithm}}
}
