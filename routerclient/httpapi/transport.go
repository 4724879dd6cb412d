package httpapi

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxHeader bounds the header of an answer, in bytes.
const maxHeader = 64 << 10

// newTransport speaks HTTP/1.1 only, which it does because DialContext and TLSClientConfig are set: one request at a
// time gains nothing from HTTP/2, whose connections outlive a request that timed out, dead or not.
func newTransport(t trust, dial func(context.Context, string, string) (net.Conn, error)) *http.Transport {
	return &http.Transport{
		DialContext:     dial,
		TLSClientConfig: t.config(),
		MaxConnsPerHost: 1,
		IdleConnTimeout: idleTimeout,
		// Compression would save nothing on a local network, and costs a small router more than the bytes do.
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
	}
}

func (t trust) config() *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: t.roots}
	if len(t.pins) > 0 {
		// A pin replaces the chain, for the self-signed certificates that routers make for themselves. It is checked
		// in each handshake, resumed ones included.
		config.InsecureSkipVerify = true
		config.VerifyConnection = t.checkPin
	}
	return config
}

func (t trust) checkPin(state tls.ConnectionState) error {
	offered := state.PeerCertificates[0]
	if slices.Contains(t.pins, sha256.Sum256(offered.Raw)) {
		return nil
	}
	return routerclient.Errorf(routerclient.ReasonCertificateUntrusted,
		"the router's certificate is not a pinned one: its SHA-256 fingerprint is %s, and key %q of the Secret says %s; "+
			"if the router has a new certificate, set that key to its fingerprint",
		fingerprint(offered), keyFingerprint, t.describePins())
}

func (t trust) describePins() string {
	words := make([]string, 0, len(t.pins))
	for _, pin := range t.pins {
		words = append(words, hex.EncodeToString(pin[:]))
	}
	return strings.Join(words, " or ")
}

// explainUntrusted shows the fingerprint, so that it can be compared with the router's own and pinned.
func explainUntrusted(untrusted *tls.CertificateVerificationError) error {
	return routerclient.Errorf(routerclient.ReasonCertificateUntrusted,
		"the router's certificate is not trusted: %s; its SHA-256 fingerprint is %s: compare it with the router's own, "+
			"then set key %q of the Secret to the authority that issued it, or key %q to this fingerprint",
		bgptext.Printable(untrusted.Err.Error(), maxWords), fingerprint(untrusted.UnverifiedCertificates[0]), keyCA, keyFingerprint)
}

func fingerprint(certificate *x509.Certificate) string {
	digest := sha256.Sum256(certificate.Raw)
	return hex.EncodeToString(digest[:])
}
