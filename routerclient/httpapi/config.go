package httpapi

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
)

const (
	defaultPort = "443"
	// defaultMaxOutput holds the sessions of tens of thousands of neighbors, as package sshexec's does.
	defaultMaxOutput = 16 << 20
)

// maxPins bounds how many certificates are pinned: an error lists them, and a condition has no room for many.
const maxPins = 8

// The keys of the Secret that Config's fields come from, as error messages name them.
const (
	keyUsername    = "username"
	keyPassword    = "password"
	keyToken       = "token"
	keyCA          = "ca.crt"
	keyFingerprint = "tls_fingerprint"
)

// Config says how to reach one router and how to log in.
type Config struct {
	// Address is a host name or IP address with an optional port, which is 443 by default. IPv6 with a port has
	// brackets.
	Address string
	// Username and Password are for basic authentication (RFC 7617). They, or Token, are needed.
	Username, Password string
	// Token is sent as a bearer token (RFC 6750), and takes the place of Username and Password.
	Token string
	// CA holds the certificates of the authorities to trust, in PEM form, in place of the system's.
	CA []byte
	// Fingerprint is the SHA-256 digest of the router's certificate in hexadecimal, with or without colons; or up to 8
	// of them, separated by white space. If it is set, those certificates are accepted whoever issued them, and no other.
	Fingerprint string
	// MaxOutput bounds an answer, in bytes; 0 stands for 16 MiB.
	MaxOutput int64
	// Dialer opens the TCP connection; nil stands for a [net.Dialer].
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)
}

// New returns a Runner, or an error that names what in the configuration is missing or cannot be used. It does not
// connect.
func New(c Config) (*Runner, error) {
	address, err := hostPort(c.Address)
	if err != nil {
		return nil, err
	}
	if err := checkCredentials(c); err != nil {
		return nil, err
	}
	trust, err := newTrust(c)
	if err != nil {
		return nil, err
	}
	r := &Runner{
		address:   address,
		username:  c.Username,
		password:  c.Password,
		token:     c.Token,
		maxOutput: c.MaxOutput,
	}
	if r.maxOutput == 0 {
		r.maxOutput = defaultMaxOutput
	}
	dial := c.Dialer
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	r.transport = newTransport(trust, dial)
	return r, nil
}

func hostPort(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = address, defaultPort
		if ip, err := netip.ParseAddr(strings.Trim(address, "[]")); err == nil {
			host = ip.String()
		}
	}
	_, notIP := netip.ParseAddr(host)
	if host == "" || notIP != nil && strings.ContainsAny(host, ":[]") || strings.ContainsAny(address, "/?#@% ") {
		return "", routerclient.Errorf(routerclient.ReasonUnreachable, "address %q: want a host or IP address, with or without :port", address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", routerclient.Errorf(routerclient.ReasonUnreachable, "address %q: want a port from 1 to 65535", address)
	}
	return net.JoinHostPort(host, port), nil
}

func checkCredentials(c Config) error {
	if c.Token != "" {
		return checkToken(c.Token)
	}
	if c.Username == "" && c.Password == "" {
		return routerclient.Errorf(routerclient.ReasonCredentialsInvalid,
			"the Secret holds neither key %q nor keys %q and %q", keyToken, keyUsername, keyPassword)
	}
	if err := checkText(keyUsername, c.Username); err != nil {
		return err
	}
	if strings.Contains(c.Username, ":") {
		return invalidKey(keyUsername, errors.New("the value contains a colon, which basic authentication cannot carry"))
	}
	return checkText(keyPassword, c.Password)
}

// checkToken keeps what no HTTP header can carry out of net/http's errors.
func checkToken(token string) error {
	if strings.ContainsAny(token, "\r\n") {
		return invalidKey(keyToken, errors.New("the value contains a line break"))
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return invalidKey(keyToken, errors.New("the value contains a space or a character that is not ASCII"))
	}
	return nil
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

// trust is what a router's certificate is held against: the pins if there are any, and the roots otherwise.
type trust struct {
	roots *x509.CertPool // nil stands for the system's
	pins  [][sha256.Size]byte
}

func newTrust(c Config) (trust, error) {
	var t trust
	if len(c.CA) > 0 {
		t.roots = x509.NewCertPool()
		if !t.roots.AppendCertsFromPEM(c.CA) {
			return trust{}, invalidKey(keyCA, errors.New("no certificate in PEM form"))
		}
	}
	if c.Fingerprint == "" {
		return t, nil
	}
	var err error
	t.pins, err = readPins(c.Fingerprint)
	return t, err
}

var errPins = invalidKey(keyFingerprint, fmt.Errorf(
	"want the 64 hexadecimal digits of a SHA-256 digest, with or without colons, or up to %d such, one in a line", maxPins))

func readPins(text string) ([][sha256.Size]byte, error) {
	words := strings.Fields(text)
	pins := make([][sha256.Size]byte, 0, min(len(words), maxPins))
	for _, word := range words {
		digest, err := hex.DecodeString(strings.ReplaceAll(word, ":", ""))
		if err != nil || len(digest) != sha256.Size {
			return nil, errPins
		}
		pins = append(pins, [sha256.Size]byte(digest))
	}
	if len(pins) == 0 || len(pins) > maxPins {
		return nil, errPins
	}
	return pins, nil
}

func invalidKey(key string, err error) error {
	return routerclient.Errorf(routerclient.ReasonCredentialsInvalid, "key %q of the Secret: %w", key, err)
}
