package sshexec

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/peergate/peergate/routerclient"
)

func TestClip(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"too many failures":             "too many failures",
		"a\x1b[31mred\r\nb\x00":         "a [31mred  b ",
		strings.Repeat("x", maxWords):   strings.Repeat("x", maxWords),
		strings.Repeat("x", maxWords+1): strings.Repeat("x", maxWords) + "…",
		// A cut inside a character leaves none of it.
		strings.Repeat("x", maxWords-1) + "é": strings.Repeat("x", maxWords-1) + "…",
	} {
		if got := clip(in); got != want {
			t.Errorf("clip(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestExplainMismatch covers what no server of package ssh can offer.
func TestExplainMismatch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		what, offer string
		legacy      bool
		wantHint    bool
	}{
		"MAC that legacy has":            {what: "server to client MAC", offer: ssh.InsecureHMACSHA196, wantHint: true},
		"MAC that nothing has":           {what: "server to client MAC", offer: "hmac-md5"},
		"cipher that nothing has":        {what: "client to server cipher", offer: "aes256-cbc"},
		"cipher that legacy has already": {what: "client to server cipher", offer: "aes256-cbc", legacy: true},
		"compression":                    {what: "client to server compression", offer: "zlib"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := handshake{Runner: &Runner{address: "edge:22", legacy: tt.legacy}}
			err := h.explain(&ssh.AlgorithmNegotiationError{What: tt.what, RequestedAlgorithms: []string{tt.offer}})
			if got := routerclient.ReasonOf(err); got != routerclient.ReasonAlgorithmMismatch {
				t.Errorf("reason %s", got)
			}
			if want := "the router offers only " + tt.offer; !strings.Contains(err.Error(), want) {
				t.Errorf("got %q, want %q in it", err, want)
			}
			if got := strings.Contains(err.Error(), "legacyAlgorithms"); got != tt.wantHint {
				t.Errorf("got %q; a hint at legacyAlgorithms: want %v", err, tt.wantHint)
			}
		})
	}
}

// TestEchoedPassword covers what no server of package ssh says.
func TestEchoedPassword(t *testing.T) {
	t.Parallel()
	h := handshake{Runner: &Runner{address: "edge:22", user: "monitor", password: "hunter22"}}
	h.hostKeyAccepted.Store(true)
	err := h.explain(errors.New("ssh: handshake failed: ssh: disconnect, reason 2: wrong password hunter22"))
	want := `authenticating to edge:22 as "monitor": ssh: disconnect, reason 2: wrong password …`
	if routerclient.ReasonOf(err) != routerclient.ReasonAuthenticationFailed || err.Error() != want {
		t.Errorf("got %q with reason %s, want %q", err, routerclient.ReasonOf(err), want)
	}
	h.password = "s"
	if got, want := h.cause(errors.New("ssh: disconnect")), "ssh: disconnect"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParseKnownHostsRefusesBadLines(t *testing.T) {
	t.Parallel()
	const key = " ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for line, want := range map[string]string{
		"|1|salt" + key:               "line 2: hashed host: want |1|salt|hash",
		"|2|AAAA|AAAA" + key:          "line 2: hashed host: want |1|salt|hash",
		"|1|?|AAAA" + key:             "line 2: salt of hashed host: illegal base64",
		"|1|AAAA|?" + key:             "line 2: hashed host: illegal base64",
		"[edge" + key:                 `line 2: host "[edge": `,
		"edge,!" + key:                "line 2: a negation without a host",
		"@unknown edge" + key:         "line 2: unknown marker @unknown",
		"edge ssh-ed25519":            "line 2: ",
		"edge ssh-rsa" + key[12:]:     "line 2: ",
		"edge":                        "line 2: want a host, a key type and a key",
		"-----BEGIN-PRIVATE-KEY-----": "line 2: want a host, a key type and a key",
	} {
		_, err := parseKnownHosts([]byte("core" + key + "\n" + line + "\n"))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", line, err, want)
		}
	}
}

// TestForeignKeys has lines with keys of a type that only newer OpenSSHs know, and one that looks like it and is damaged.
func TestForeignKeys(t *testing.T) {
	t.Parallel()
	line := func(host, declared, encoded string) string {
		blob := ssh.Marshal(struct{ Type, Key string }{encoded, "0123456789"})
		return host + " " + declared + " " + base64.StdEncoding.EncodeToString(blob) + "\n"
	}
	const (
		key    = "edge ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
		future = "ssh-future@openssh.com"
	)
	known, err := parseKnownHosts([]byte(line("edge", future, future) + key + line("@revoked *", future, future)))
	if err != nil {
		t.Fatal(err)
	}
	if got := known.of("edge", defaultPort); len(got) != 1 || got[0].line != 2 {
		t.Errorf("entries %v, want that of line 2", got)
	}
	for name, file := range map[string]string{
		"nothing else":      line("edge", future, future),
		"another type":      key + line("edge", "ssh-ed25519", future),
		"a damaged key":     key + line("edge", "ssh-ed25519", "ssh-ed25519"),
		"a damaged revoked": key + line("@revoked *", "ssh-rsa", "ssh-rsa"),
	} {
		if _, err := parseKnownHosts([]byte(file)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestHostPatterns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		patterns, host string
		want           bool
	}{
		{"edge", "edge", true},
		{"EDGE", "edge", true},
		{"edge", "EDGE", true},
		{"edge", "edges", false},
		{"e?ge", "edge", true},
		{"edge?", "edge", false},
		{"*", "edge", true},
		{"*e", "edge", true},
		{"e*e**", "edge", true},
		{"*d*d*", "edge", false},
		{"*.example.com", "a.b.example.com", true},
		{"*.example.com", "example.com", false},
		{"e.ge", "edge", false},
		{"*,!edge", "edge", false},
		{"*,!edge", "core", true},
		{"\xc4\xff,edge", "edge", true}, // no UTF-8, which ssh takes for a name of another host
		{"\xc4", "\xff", false},
	} {
		patterns, err := parseHosts(strings.Split(tt.patterns, ","))
		if err != nil {
			t.Errorf("%q: %v", tt.patterns, err)
			continue
		}
		if got := patterns.match(tt.host, defaultPort); got != tt.want {
			t.Errorf("%q matches %q: got %v, want %v", tt.patterns, tt.host, got, tt.want)
		}
	}
}
