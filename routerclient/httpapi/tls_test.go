package httpapi_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/httpapi"
)

func TestCertificate(t *testing.T) {
	t.Parallel()
	server := serve(t, answering(200, answer))
	offered := fingerprintOf(server)
	trusted := configFor(server)
	change := func(f func(*httpapi.Config)) httpapi.Config {
		c := trusted
		f(&c)
		return c
	}
	colons := strings.TrimSuffix(strings.ToUpper(strings.Join(pairs(offered), ":")), ":")
	for name, test := range map[string]struct {
		config httpapi.Config
		want   []string // of the error; nil if the certificate is to be accepted
	}{
		"issued by the CA": {trusted, nil},
		"pinned":           {change(func(c *httpapi.Config) { c.CA, c.Fingerprint = nil, offered }), nil},
		"pinned, as openssl prints it": {
			change(func(c *httpapi.Config) { c.CA, c.Fingerprint = nil, colons+"\n" }), nil,
		},
		"pinned beside the one before": {
			change(func(c *httpapi.Config) { c.CA, c.Fingerprint = nil, strings.Repeat("ab", 32)+"\n"+colons+"\n" }), nil,
		},
		"pinned, whatever the CA": {change(func(c *httpapi.Config) { c.CA, c.Fingerprint = selfSigned(t), offered }), nil},
		"unknown to the system": {
			change(func(c *httpapi.Config) { c.CA = nil }),
			[]string{"the router's certificate is not trusted: ", "unknown authority", offered, `"ca.crt"`, `"tls_fingerprint"`},
		},
		"wrong CA": {
			change(func(c *httpapi.Config) { c.CA = selfSigned(t) }),
			[]string{"the router's certificate is not trusted: ", "unknown authority", offered},
		},
		"wrong name": {
			change(func(c *httpapi.Config) { c.Address = strings.Replace(c.Address, "127.0.0.1", "localhost", 1) }),
			[]string{"the router's certificate is not trusted: ", "localhost", offered},
		},
		"another pinned": {
			change(func(c *httpapi.Config) { c.CA, c.Fingerprint = nil, strings.Repeat("ab", 32) }),
			[]string{"the router's certificate is not a pinned one", offered, strings.Repeat("ab", 32), `"tls_fingerprint"`},
		},
		"two others pinned": {
			change(func(c *httpapi.Config) {
				c.CA, c.Fingerprint = nil, strings.Repeat("ab", 32)+" "+strings.Repeat("cd", 32)
			}),
			[]string{strings.Repeat("ab", 32) + " or " + strings.Repeat("cd", 32)},
		},
		"another pinned, though the CA fits": {
			change(func(c *httpapi.Config) { c.Fingerprint = strings.Repeat("ab", 32) }),
			[]string{"the router's certificate is not a pinned one"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newRunner(t, test.config).Run(within(t, patience), command)
			if test.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, routerclient.ReasonCertificateUntrusted, append(test.want, "negotiating TLS with "+test.config.Address+": ")...)
		})
	}
}

// TestCredentialsStayHome has a router with an untrusted certificate, which must not get to see a request.
func TestCredentialsStayHome(t *testing.T) {
	t.Parallel()
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a request reached an untrusted router: %s %s", r.Method, r.URL)
	})
	config := configFor(server)
	config.CA = nil
	_, err := newRunner(t, config).Run(within(t, patience), command)
	wantError(t, err, routerclient.ReasonCertificateUntrusted)
}

func TestOldTLS(t *testing.T) {
	t.Parallel()
	server := unstarted(answering(200, answer))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	server.StartTLS()
	t.Cleanup(server.Close)
	_, err := newRunner(t, configFor(server)).Run(within(t, patience), command)
	wantError(t, err, routerclient.ReasonAlgorithmMismatch, "TLS 1.2 or newer with a common algorithm is needed: ")
}

func TestNoTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(answering(200, answer))
	t.Cleanup(server.Close)
	_, err := newRunner(t, httpapi.Config{Address: server.Listener.Addr().String(), Token: token}).Run(within(t, patience), command)
	wantError(t, err, routerclient.ReasonUnreachable, "what answers there does not speak TLS")
}

func pairs(digits string) []string {
	var pairs []string
	for i := 0; i < len(digits); i += 2 {
		pairs = append(pairs, digits[i:i+2])
	}
	return pairs
}

// selfSigned returns the certificate of an authority that issued nothing.
func selfSigned(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "another"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
