package sshexec_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/routertest"
	"github.com/peergate/peergate/routerclient/sshexec"
)

// modes is a command line whose prompt says which mode it is in.
type modes struct{ prompts, words []string }

func (m *modes) Prompt() string { return m.prompts[0] }

func (m *modes) Type(string) (answer string, goesOn bool) {
	answer = m.words[0]
	m.prompts, m.words = m.prompts[1:], m.words[1:]
	return answer, true
}

func terminal(t *testing.T, options routertest.Options) (*sshexec.Terminal, error) {
	t.Helper()
	server := routertest.NewServer(t, options)
	r, err := sshexec.New(sshexec.Config{Address: server.Addr(), Username: "anybody", Password: "anything", KnownHosts: server.KnownHosts()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r.Terminal(patience(t))
}

func patience(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// TestTerminal has the prompts that routers show, and what may stand before, between and after them.
func TestTerminal(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ greeting, exec, config string }{
		"IOS":      {"\n*** NO TRESPASSING ***\n##########", "edge#", "edge(config-router)#"},
		"long IOS": {"", "a-router-with-a-long-name#", "a-router-with-a-lo(config)#"},
		"NX-OS":    {"Cisco Nexus Operating System (NX-OS) Software", "edge# ", "edge(config-router-neighbor)# "},
		"IOS XR":   {"", "RP/0/RP0/CPU0:edge#", "RP/0/RP0/CPU0:edge(config-bgp)#"},
		"EOS":      {"Last login: Mon Nov 23", "edge>", "edge(config-s-peerga-bgp)#"},
		"Junos":    {"--- JUNOS 23.4R1 built", "{master:0}\nadmin@edge> ", "{master:0}[edit]\nadmin@edge# "},
		"EdgeOS":   {"Welcome to EdgeOS", "admin@edge:~$ ", "[edit]\nadmin@edge# "},
		"VyOS":     {"Welcome to VyOS!", "\x1b[?2004hvyos@edge:~$ ", "[edit]\n\x1b[?2004hvyos@edge# "},
		"SR Linux": {"Welcome to the srlinux CLI.", "--{ running }--[  ]--\nA:edge# ", "--{ * candidate private admin }--[  ]--\nA:edge# "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := &modes{prompts: []string{test.exec, test.config, test.config, test.exec}, words: []string{"", "% Invalid input\n% Try again", ""}}
			term, err := terminal(t, routertest.Options{
				Shell: routertest.Terminal(test.greeting, func() routertest.CommandLine { return line }),
			})
			if err != nil {
				t.Fatal(err)
			}
			var answers []string
			for _, typed := range []string{"configure", "neighbor 192.168.3.33 remote-as 64513", "end"} {
				answer, err := term.Type(patience(t), typed)
				if err != nil {
					t.Fatal(err)
				}
				first, _, _ := strings.Cut(answer, "\n")
				answers = append(answers, strings.TrimLeft(first, "-{}[]"))
			}
			if answers[1] != "% Invalid input" {
				t.Errorf("answers %q", answers)
			}
			if err := term.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTerminalThatFails(t *testing.T) {
	t.Parallel()
	prompt := func(then string) routertest.Shell {
		return func(_ context.Context, terminal io.ReadWriter) {
			buffer := make([]byte, 100)
			_, _ = io.WriteString(terminal, "edge#")
			_, _ = terminal.Read(buffer)
			_, _ = io.WriteString(terminal, "\r\nedge#")
			_, _ = terminal.Read(buffer)
			_, _ = io.WriteString(terminal, then)
			if !strings.HasSuffix(then, "\n") {
				_, _ = terminal.Read(buffer)
			}
		}
	}
	tests := map[string]struct {
		shell  routertest.Shell
		reason routerclient.Reason
		words  string
	}{
		"no terminals":   {nil, routerclient.ReasonPermissionDenied, "the router refused pty-req"},
		"ends at once":   {func(context.Context, io.ReadWriter) {}, routerclient.ReasonUnreachable, "the router ended the session"},
		"asks back":      {prompt("write memory\r\nOverwrite?[confirm]"), routerclient.ReasonTimeout, `typing "write memory": context deadline exceeded, after "write memory Overwrite?[confirm]"`},
		"ends in a line": {prompt("write memory\r\nBye\r\n"), routerclient.ReasonUnreachable, `the router ended the session, after "write memory Bye"`},
		"floods":         {prompt("write memory\r\n" + strings.Repeat("a", 300<<10)), routerclient.ReasonAnswerTooLarge, "more than 262144 bytes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term, err := terminal(t, routertest.Options{Shell: test.shell})
			if err == nil {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				_, err = term.Type(ctx, "write memory")
				_ = term.Close()
			}
			if err == nil || !strings.Contains(err.Error(), test.words) {
				t.Fatalf("error %v, want one with %q", err, test.words)
			}
			if diff := cmp.Diff(test.reason, routerclient.ReasonOf(err)); diff != "" {
				t.Errorf("reason (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTerminalThatReadsNothing has a router that does not take what is typed.
func TestTerminalThatReadsNothing(t *testing.T) {
	t.Parallel()
	server := routertest.NewServer(t, routertest.Options{Shell: func(ctx context.Context, terminal io.ReadWriter) {
		_, _ = io.WriteString(terminal, "edge#")
		_, _ = terminal.Read(make([]byte, 1))
		_, _ = io.WriteString(terminal, "\r\nedge#")
		<-ctx.Done()
	}})
	r := newRunner(t, sshexec.Config{Address: server.Addr(), Username: "anybody", Password: "anything", KnownHosts: server.KnownHosts()})
	term, err := r.Terminal(patience(t))
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	go func() {
		const beyondAnyWindow = 16 << 20
		_, err := term.Type(ctx, strings.Repeat("x", beyondAnyWindow))
		result <- err
	}()
	select {
	case err := <-result:
		if routerclient.ReasonOf(err) != routerclient.ReasonTimeout {
			t.Errorf("error %.100v, want one of a deadline", err)
		}
	case <-time.After(10 * time.Second):
		server.CloseConnections()
		t.Error("typing outlives its context")
	}
	_ = term.Close()
}
