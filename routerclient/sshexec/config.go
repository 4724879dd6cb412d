package sshexec

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/peergate/peergate/routerclient"
)

const (
	defaultPort = "22"
	// defaultMaxOutput holds the sessions of tens of thousands of neighbors in the wordiest format, JSON.
	defaultMaxOutput = 16 << 20
	// maxStderr bounds what a router may print besides the answer.
	maxStderr = 64 << 10
	// reuseTimeout bounds the wait for a session on a kept connection. A router that was switched off leaves a
	// connection that looks alive; this leaves time within the caller's deadline for a new one.
	reuseTimeout = 3 * time.Second
	// closeGrace is how long a router has to close the channel of a command whose output has ended, before it is closed
	// from here: some wait for that.
	closeGrace = time.Second
)

// The keys of the Secret that Config's fields come from, as error messages name them.
const (
	keyUsername   = "username"
	keyPassword   = "password"
	keyPrivateKey = "ssh-privatekey"
	keyKnownHosts = "known_hosts"
)

// Config says how to reach one router and how to log in.
type Config struct {
	// Address is a host name or IP address with an optional port, which is 22 by default. IPv6 with a port has
	// brackets.
	Address  string
	Username string
	// Password answers the methods "password" and "keyboard-interactive". Password, PrivateKey or both are needed.
	Password string
	// PrivateKey is in PEM form, without a passphrase.
	PrivateKey []byte
	// KnownHosts is in the format of OpenSSH's known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
	KnownHosts []byte
	// LegacyAlgorithms also accepts the algorithms that [ssh.InsecureAlgorithms] lists.
	LegacyAlgorithms bool
	// OneCommandPerConnection is for platforms that end the connection with the command, as Cisco IOS does, and may end
	// the command with its input, as IOS XR does.
	OneCommandPerConnection bool
	// MaxOutput bounds a command's standard output, in bytes; 0 stands for 16 MiB.
	MaxOutput int64
	// Dialer opens the TCP connection; nil stands for a [net.Dialer].
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)
}

// New returns a Runner, or an error that names what in the configuration is missing or cannot be used. It does not
// connect.
func New(c Config) (*Runner, error) {
	host, port, err := splitAddress(c.Address)
	if err != nil {
		return nil, err
	}
	auth, err := authMethods(c)
	if err != nil {
		return nil, err
	}
	hosts, err := parseKnownHosts(c.KnownHosts)
	if err != nil {
		return nil, invalidKey(keyKnownHosts, err)
	}
	r := &Runner{
		address:      net.JoinHostPort(host, port),
		user:         c.Username,
		password:     c.Password,
		auth:         auth,
		peer:         hostKeys{hosts: hosts, host: host, port: port},
		legacy:       c.LegacyAlgorithms,
		oneCommand:   c.OneCommandPerConnection,
		maxOutput:    c.MaxOutput,
		dial:         c.Dialer,
		reuseTimeout: reuseTimeout,
		closeGrace:   closeGrace,
	}
	if r.maxOutput == 0 {
		r.maxOutput = defaultMaxOutput
	}
	if r.dial == nil {
		r.dial = new(net.Dialer).DialContext
	}
	if err := r.peer.checkUsable(r.legacy); err != nil {
		return nil, err
	}
	return r, nil
}

// splitAddress lowers the case of the host, because known_hosts is looked up in lower case.
func splitAddress(address string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(address)
	if err != nil {
		host, port = address, defaultPort
		if ip, err := netip.ParseAddr(strings.Trim(address, "[]")); err == nil {
			host = ip.String()
		}
	}
	host = canonical(host)
	_, notIP := netip.ParseAddr(host)
	if host == "" || notIP != nil && strings.ContainsAny(host, ":[]/ ") {
		return "", "", routerclient.Errorf(routerclient.ReasonUnreachable, "address %q: want a host or IP address, with or without :port", address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", "", routerclient.Errorf(routerclient.ReasonUnreachable, "address %q: want a port from 1 to 65535", address)
	}
	return strings.ToLower(host), port, nil
}

// authMethods returns the methods in the order in which they are tried. A password counts for two of them, because
// some routers accept only the one (OpenSSH without PAM), some only the other (Arista EOS).
func authMethods(c Config) ([]ssh.AuthMethod, error) {
	if err := checkText(keyUsername, c.Username); err != nil {
		return nil, err
	}
	var methods []ssh.AuthMethod
	if len(c.PrivateKey) > 0 {
		signer, err := ssh.ParsePrivateKey(c.PrivateKey)
		if _, encrypted := errors.AsType[*ssh.PassphraseMissingError](err); encrypted {
			err = errors.New("the key is encrypted with a passphrase; store one without")
		}
		if err != nil {
			return nil, invalidKey(keyPrivateKey, err)
		}
		methods = append(methods, ssh.PublicKeys(signer))
	}
	if c.Password != "" {
		if err := checkText(keyPassword, c.Password); err != nil {
			return nil, err
		}
		methods = append(methods, ssh.Password(c.Password), ssh.KeyboardInteractive(answerAll(c.Password)))
	}
	if len(methods) == 0 {
		return nil, routerclient.Errorf(routerclient.ReasonCredentialsInvalid,
			"the Secret holds neither key %q nor key %q", keyPassword, keyPrivateKey)
	}
	return methods, nil
}

// answerAll answers every question with the password: routers word the prompt in many ways, and ask nothing else.
func answerAll(password string) ssh.KeyboardInteractiveChallenge {
	return func(_, _ string, questions []string, _ []bool) ([]string, error) {
		answers := make([]string, len(questions))
		for i := range answers {
			answers[i] = password
		}
		return answers, nil
	}
}

// checkText refuses line breaks: they come from `echo`, and the router would only say that the password is wrong.
func checkText(key, text string) error {
	switch {
	case text == "":
		return routerclient.Errorf(routerclient.ReasonCredentialsInvalid, "the Secret has no key %q", key)
	case strings.ContainsAny(text, "\r\n"):
		return invalidKey(key, errors.New("the value contains a line break"))
	}
	return nil
}

func invalidKey(key string, err error) error {
	return routerclient.Errorf(routerclient.ReasonCredentialsInvalid, "key %q of the Secret: %w", key, err)
}
