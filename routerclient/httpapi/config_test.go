package httpapi_test

import (
	"strings"
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/httpapi"
)

func TestNewRefuses(t *testing.T) {
	const wantDigests = `key "tls_fingerprint" of the Secret: want the 64 hexadecimal digits of a SHA-256 digest, ` +
		`with or without colons, or up to 8 such, one in a line`
	t.Parallel()
	good := httpapi.Config{Address: "192.0.2.1", Username: account, Password: password}
	change := func(f func(*httpapi.Config)) httpapi.Config {
		c := good
		f(&c)
		return c
	}
	for name, test := range map[string]struct {
		config     httpapi.Config
		wantReason routerclient.Reason
		want       string
	}{
		"no address": {
			change(func(c *httpapi.Config) { c.Address = "" }),
			routerclient.ReasonUnreachable, `address "": want a host or IP address, with or without :port`,
		},
		"a URL for an address": {
			change(func(c *httpapi.Config) { c.Address = "https://192.0.2.1/" }),
			routerclient.ReasonUnreachable, `address "https://192.0.2.1/": want a host or IP address, with or without :port`,
		},
		"port out of range": {
			change(func(c *httpapi.Config) { c.Address = "192.0.2.1:65536" }),
			routerclient.ReasonUnreachable, `address "192.0.2.1:65536": want a port from 1 to 65535`,
		},
		"no credentials": {
			change(func(c *httpapi.Config) { c.Username, c.Password = "", "" }),
			routerclient.ReasonCredentialsInvalid, `the Secret holds neither key "token" nor keys "username" and "password"`,
		},
		"no password": {
			change(func(c *httpapi.Config) { c.Password = "" }),
			routerclient.ReasonCredentialsInvalid, `the Secret has no key "password"`,
		},
		"no username": {
			change(func(c *httpapi.Config) { c.Username = "" }),
			routerclient.ReasonCredentialsInvalid, `the Secret has no key "username"`,
		},
		"colon in the username": {
			change(func(c *httpapi.Config) { c.Username = "a:b" }),
			routerclient.ReasonCredentialsInvalid, `key "username" of the Secret: the value contains a colon, which basic authentication cannot carry`,
		},
		"line break in the password": {
			change(func(c *httpapi.Config) { c.Password += "\n" }),
			routerclient.ReasonCredentialsInvalid, `key "password" of the Secret: the value contains a line break`,
		},
		"line break in the token": {
			change(func(c *httpapi.Config) { c.Token = token + "\n" }),
			routerclient.ReasonCredentialsInvalid, `key "token" of the Secret: the value contains a line break`,
		},
		"space in the token": {
			change(func(c *httpapi.Config) { c.Token = "Bearer " + token }),
			routerclient.ReasonCredentialsInvalid, `key "token" of the Secret: the value contains a space or a character that is not ASCII`,
		},
		"CA not in PEM form": {
			change(func(c *httpapi.Config) { c.CA = []byte("MIIB") }),
			routerclient.ReasonCredentialsInvalid, `key "ca.crt" of the Secret: no certificate in PEM form`,
		},
		"fingerprint of another digest": {
			change(func(c *httpapi.Config) { c.Fingerprint = strings.Repeat("ab", 20) }), routerclient.ReasonCredentialsInvalid, wantDigests,
		},
		"one of two fingerprints is cut short": {
			change(func(c *httpapi.Config) { c.Fingerprint = strings.Repeat("ab", 32) + "\n" + strings.Repeat("ab", 31) }),
			routerclient.ReasonCredentialsInvalid, wantDigests,
		},
		"fingerprint of blanks": {
			change(func(c *httpapi.Config) { c.Fingerprint = " \n" }), routerclient.ReasonCredentialsInvalid, wantDigests,
		},
		"nine fingerprints": {
			change(func(c *httpapi.Config) { c.Fingerprint = strings.Repeat(strings.Repeat("ab", 32)+"\n", 9) }),
			routerclient.ReasonCredentialsInvalid, wantDigests,
		},
	} {
		runner, err := httpapi.New(test.config)
		if runner != nil || err == nil || err.Error() != test.want || routerclient.ReasonOf(err) != test.wantReason {
			t.Errorf("%s: error %v with reason %s, want %s: %s", name, err, routerclient.ReasonOf(err), test.wantReason, test.want)
		}
	}
}

func TestNewAccepts(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"edge", "edge.example", "edge:8443", "192.0.2.1", "192.0.2.1:443", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:8443"} {
		if _, err := httpapi.New(httpapi.Config{Address: address, Token: token}); err != nil {
			t.Errorf("address %s: %v", address, err)
		}
	}
}
