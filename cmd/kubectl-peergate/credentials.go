package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/internal/connect"
	"github.com/peergate/peergate/routerclient"
)

// credentials are a person's own, for a router.
type credentials struct {
	username     string
	passwordFile string
	tokenFile    string
	keyFile      string
	knownHosts   string
	caFile       string
	fingerprint  string
}

func (c *credentials) addTo(fs *pflag.FlagSet) {
	fs.StringVarP(&c.username, "username", "u", "", "account on the router (default $USER)")
	fs.StringVar(&c.passwordFile, "password-file", "", "file with the password; - is standard input")
	fs.StringVar(&c.tokenFile, "token-file", "", "file with a token, for HTTPS")
	fs.StringVarP(&c.keyFile, "identity", "i", "", "file with a private SSH key")
	fs.StringVar(&c.knownHosts, "known-hosts", "", "file with the router's SSH host key (default ~/.ssh/known_hosts)")
	fs.StringVar(&c.caFile, "ca", "", "file with the CA of the router's certificate, for HTTPS")
	fs.StringVar(&c.fingerprint, "tls-fingerprint", "", "SHA-256 of the router's certificate, for HTTPS")
}

// into reads the files that the flags name into what stands for a router's Secret. What is there already stays where
// there is no flag for it.
func (c *credentials) into(secret map[string][]byte, stdin io.Reader) error {
	if c.username != "" {
		secret[corev1.BasicAuthUsernameKey] = []byte(c.username)
	} else if secret[corev1.BasicAuthUsernameKey] == nil {
		secret[corev1.BasicAuthUsernameKey] = []byte(os.Getenv("USER"))
	}
	if c.fingerprint != "" {
		secret[connect.SecretFingerprint] = []byte(c.fingerprint)
	}
	files := map[string]struct{ flag, path string }{
		corev1.BasicAuthPasswordKey: {"--password-file", c.passwordFile},
		connect.SecretToken:         {"--token-file", c.tokenFile},
		corev1.SSHAuthPrivateKey:    {"--identity", c.keyFile},
		connect.SecretKnownHosts:    {"--known-hosts", c.knownHosts},
		connect.SecretCA:            {"--ca", c.caFile},
	}
	for key, file := range files {
		if file.path == "" {
			continue
		}
		content, err := readFile(stdin, file.path)
		if err != nil {
			return fmt.Errorf("%s: %w", file.flag, err)
		}
		if key == corev1.BasicAuthPasswordKey || key == connect.SecretToken {
			content = []byte(strings.TrimRight(string(content), "\r\n"))
		}
		secret[key] = content
	}
	return trustKnownHosts(secret)
}

// trustKnownHosts takes the host keys that ssh trusts here, where no others are given.
func trustKnownHosts(secret map[string][]byte) error {
	if len(secret[connect.SecretKnownHosts]) > 0 {
		return nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return nil // without a home there is nothing to trust, which the transport says in its own words
	}
	content, err := os.ReadFile(filepath.Join(home, ".ssh", "known_hosts"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("--known-hosts: %w", err)
	}
	secret[connect.SecretKnownHosts] = content
	return nil
}

// withFlags says of an error about the keys of a router's Secret what stands for them here.
func withFlags(err error) error {
	if routerclient.ReasonOf(err) != routerclient.ReasonCredentialsInvalid {
		return err
	}
	return fmt.Errorf("%w. Here --username, --password-file, --identity, --token-file, --known-hosts, --ca and --tls-fingerprint stand for the Secret", err)
}

func readFile(stdin io.Reader, path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(path)
}
