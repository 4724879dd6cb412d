package sshexec

import (
	"bytes"
	"crypto/ed25519"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// FuzzKnownHosts compares the answer with package knownhosts', which reads the same text from a file.
func FuzzKnownHosts(f *testing.F) {
	key, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public())
	if err != nil {
		f.Fatal(err)
	}
	text := string(ssh.MarshalAuthorizedKey(key))
	for _, hosts := range []string{
		"edge", "[edge]:2222", "10.0.0.1,edge", "*", "e?ge", "*,!edge", "!edge", "edge:22", "[*]:2222", ",edge", "[edge]", "core",
		"|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=", knownhosts.HashHostname("edge"), knownhosts.HashHostname("[edge]:2222"),
	} {
		f.Add([]byte(hosts + " " + text))
		f.Add([]byte("@cert-authority " + hosts + " " + text))
	}
	f.Add([]byte("# comment\r\n\r\nedge " + text + "@revoked * " + text))
	f.Add([]byte("@unknown edge " + text))
	f.Add([]byte("\xc4,edge " + text))
	f.Add([]byte("e*\xc4,?* " + text))
	f.Add([]byte("edge ssh-rsa " + strings.Fields(text)[1]))
	file := filepath.Join(f.TempDir(), "known_hosts")

	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		check, theirErr := knownhosts.New(file)
		known, ourErr := parseKnownHosts(data)
		for _, port := range []string{"22", "2222"} {
			theirs := theirErr == nil && check(net.JoinHostPort("edge", port), &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 22}, key) == nil
			ours := ourErr == nil && hostKeys{hosts: known, host: "edge", port: port}.check(net.JoinHostPort("edge", port), key) == nil
			if ours && theirErr == nil && !theirs && !foldsCase(data) {
				t.Errorf("port %s: accepted, and package knownhosts refuses it", port)
			}
			// Package knownhosts takes the key of an authority for a host key too.
			if theirs && !ours && !bytes.Contains(data, []byte("@cert-authority")) {
				t.Errorf("port %s: refused (%v), and package knownhosts accepts it", port, ourErr)
			}
		}
	})
}

// foldsCase says whether the text may match in another case only, which OpenSSH allows and package knownhosts does not.
func foldsCase(data []byte) bool {
	return bytes.ContainsAny(data, "EDG")
}
