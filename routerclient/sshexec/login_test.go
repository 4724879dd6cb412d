package sshexec_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/routertest"
	"github.com/peergate/peergate/routerclient/sshexec"
)

func newRSAKey(t *testing.T) (privatePEM []byte, signer ssh.Signer) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return encodeKey(t, key)
}

func newEd25519Key(t *testing.T) (privatePEM []byte, signer ssh.Signer) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return encodeKey(t, key)
}

func encodeKey(t *testing.T, key any) (privatePEM []byte, signer ssh.Signer) {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err = ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(block), signer
}

func TestLogin(t *testing.T) {
	t.Parallel()
	edPEM, ed := newEd25519Key(t)
	rsaPEM, rsaKey := newRSAKey(t)
	keys := func(signers ...ssh.Signer) (public []ssh.PublicKey) {
		for _, s := range signers {
			public = append(public, s.PublicKey())
		}
		return public
	}
	tests := map[string]struct {
		server      routertest.Options
		password    string
		key         []byte
		wantReason  routerclient.Reason // "" for a login
		wantMessage string
	}{
		"password":             {server: routertest.Options{Password: password}, password: password},
		"keyboard-interactive": {server: routertest.Options{Password: password, KeyboardInteractive: true}, password: password},
		"Ed25519 key":          {server: routertest.Options{AuthorizedKeys: keys(ed)}, key: edPEM},
		"RSA key":              {server: routertest.Options{AuthorizedKeys: keys(rsaKey)}, key: rsaPEM},
		"key refused, then password": {
			server: routertest.Options{Password: password, AuthorizedKeys: keys(ed)}, key: rsaPEM, password: password,
		},
		"wrong password": {
			server: routertest.Options{Password: password}, password: "hunter2",
			wantReason:  routerclient.ReasonAuthenticationFailed,
			wantMessage: `as "monitor": the router refused password (it accepts: password)`,
		},
		"wrong password, keyboard-interactive": {
			server: routertest.Options{Password: password, KeyboardInteractive: true}, password: "hunter2",
			wantReason:  routerclient.ReasonAuthenticationFailed,
			wantMessage: `the router refused keyboard-interactive (it accepts: keyboard-interactive)`,
		},
		"wrong key": {
			server: routertest.Options{AuthorizedKeys: keys(ed)}, key: rsaPEM,
			wantReason: routerclient.ReasonAuthenticationFailed, wantMessage: `the router refused publickey`,
		},
		"wrong key and password": {
			server: routertest.Options{Password: password, AuthorizedKeys: keys(ed)}, key: rsaPEM, password: "hunter2",
			wantReason: routerclient.ReasonAuthenticationFailed, wantMessage: `the router refused publickey, password`,
		},
		"password for a router that wants a key": {
			server: routertest.Options{AuthorizedKeys: keys(ed)}, password: password,
			wantReason:  routerclient.ReasonAuthenticationFailed,
			wantMessage: "the Secret has nothing for the methods that the router accepts: publickey",
		},
		"connection closed at the first password": {
			server: routertest.Options{Password: password, Faults: routertest.Faults{HangUpOnLogin: true}}, password: "hunter2",
			wantReason:  routerclient.ReasonUnreachable,
			wantMessage: `authenticating to 127.0.0.1:`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, tt.server)
			config := configFor(server)
			config.Password, config.PrivateKey = tt.password, tt.key
			_, err := newRunner(t, config).Run(within(t, 10*time.Second), command)
			if tt.wantReason == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			checkError(t, err, tt.wantReason, tt.wantMessage)
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("error holds the password")
			}
		})
	}
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	hosts := "edge.example.com " + hostKeyText(routertest.NewKey())
	good := func() sshexec.Config {
		return sshexec.Config{Address: "edge.example.com", Username: account, Password: password, KnownHosts: []byte(hosts)}
	}
	block, err := ssh.MarshalPrivateKeyWithPassphrase(ed25519.NewKeyFromSeed(make([]byte, 32)), "", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change func(*sshexec.Config)
		reason routerclient.Reason // "" stands for ReasonCredentialsInvalid
		want   string
	}{
		"no username":         {func(c *sshexec.Config) { c.Username = "" }, "", `no key "username"`},
		"username from echo":  {func(c *sshexec.Config) { c.Username += "\n" }, "", `key "username" of the Secret: the value contains a line break`},
		"password from echo":  {func(c *sshexec.Config) { c.Password += "\n" }, "", `key "password" of the Secret: the value contains a line break`},
		"no password, no key": {func(c *sshexec.Config) { c.Password = "" }, "", `neither key "password" nor key "ssh-privatekey"`},
		"key unparsable":      {func(c *sshexec.Config) { c.PrivateKey = []byte("nonsense") }, "", `key "ssh-privatekey" of the Secret: ssh: no key found`},
		"key truncated": {func(c *sshexec.Config) {
			c.PrivateKey = pem.EncodeToMemory(&pem.Block{Type: "OPENSSH PRIVATE KEY", Bytes: block.Bytes[:40]})
		}, "", `key "ssh-privatekey"`},
		"key with passphrase":  {func(c *sshexec.Config) { c.PrivateKey = pem.EncodeToMemory(block) }, "", `key "ssh-privatekey" of the Secret: the key is encrypted with a passphrase`},
		"no known_hosts":       {func(c *sshexec.Config) { c.KnownHosts = nil }, "", `key "known_hosts" of the Secret: no host key in it`},
		"known_hosts comments": {func(c *sshexec.Config) { c.KnownHosts = []byte("# edge:22 SSH-2.0-OpenSSH\n\n") }, "", "no host key in it"},
		"known_hosts garbage":  {func(c *sshexec.Config) { c.KnownHosts = []byte("\n" + hosts + "garbage\n") }, "", `key "known_hosts" of the Secret: line 3: `},
		"no address":           {func(c *sshexec.Config) { c.Address = "" }, routerclient.ReasonUnreachable, `address ""`},
		"two colons":           {func(c *sshexec.Config) { c.Address = "edge:22:22" }, routerclient.ReasonUnreachable, `address "edge:22:22"`},
		"URL":                  {func(c *sshexec.Config) { c.Address = "ssh://edge" }, routerclient.ReasonUnreachable, `address "ssh://edge"`},
		"port":                 {func(c *sshexec.Config) { c.Address = "edge:65536" }, routerclient.ReasonUnreachable, "1 to 65535"},
	}
	if _, err := sshexec.New(good()); err != nil {
		t.Fatal(err)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := good()
			tt.change(&config)
			r, err := sshexec.New(config)
			if r != nil {
				t.Error("a Runner together with an error")
			}
			reason := tt.reason
			if reason == "" {
				reason = routerclient.ReasonCredentialsInvalid
			}
			checkError(t, err, reason, tt.want)
		})
	}
}
