package bmpstation_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/bmp"
	"github.com/peergate/peergate/internal/bmpstation"
	"github.com/peergate/peergate/internal/verdict"
)

// authority issues certificates.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert = a.sign(template, template, &a.key.PublicKey)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(template, parent *x509.Certificate, of *ecdsa.PublicKey) *x509.Certificate {
	a.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, of, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert
}

// issue returns a certificate and its key, in PEM form.
func (a *authority) issue(usage x509.ExtKeyUsage) (cert, key []byte) {
	a.t.Helper()
	own := newKey(a.t)
	leaf := a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"peergate"}, ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}, a.cert, &own.PublicKey)
	der, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		a.t.Fatal(err)
	}
	return encode("CERTIFICATE", leaf.Raw), encode("PRIVATE KEY", der)
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func (a *authority) secret() *corev1.Secret {
	cert, key := a.issue(x509.ExtKeyUsageServerAuth)
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "peergate-system", Name: "edge-bmp"},
		Data:       map[string][]byte{"tls.crt": cert, "tls.key": key, "ca.crt": encode("CERTIFICATE", a.cert.Raw)},
	}
}

// client is who trusts the authority, and shows a certificate of it, or none.
func (a *authority) client(shows *authority, usage x509.ExtKeyUsage) *tls.Config {
	a.t.Helper()
	trusted := x509.NewCertPool()
	trusted.AddCert(a.cert)
	config := &tls.Config{RootCAs: trusted, ServerName: "peergate"}
	if shows != nil {
		pair, err := tls.X509KeyPair(shows.issue(usage))
		if err != nil {
			a.t.Fatal(err)
		}
		// It is shown whatever authorities the other side names.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	return config
}

func secured(s *v1alpha1.BGPRouterSpec) {
	s.BMP.TLS = &v1alpha1.BMPTLSSpec{SecretRef: v1alpha1.SecretReference{Name: "edge-bmp"}}
}

func TestTLS(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	tests := map[string]struct {
		config *tls.Config
		secret func(*corev1.Secret)
		want   string
	}{
		"a certificate of ours":         {config: ours.client(ours, x509.ExtKeyUsageClientAuth)},
		"of another authority":          {config: ours.client(theirs, x509.ExtKeyUsageClientAuth), want: "unknown authority"},
		"for another use":               {config: ours.client(ours, x509.ExtKeyUsageServerAuth), want: "incompatible key usage"},
		"none":                          {config: ours.client(nil, 0), want: "client didn't provide a certificate"},
		"no TLS":                        {want: "first record does not look like a TLS handshake"},
		"a Secret without authorities":  {ours.client(ours, x509.ExtKeyUsageClientAuth), func(s *corev1.Secret) { delete(s.Data, "ca.crt") }, "key ca.crt has no certificate"},
		"a Secret without certificates": {ours.client(ours, x509.ExtKeyUsageClientAuth), func(s *corev1.Secret) { delete(s.Data, "tls.key") }, "keys tls.crt and tls.key"},
		"no Secret":                     {ours.client(ours, x509.ExtKeyUsageClientAuth), func(s *corev1.Secret) { s.Name = "other" }, `reading Secret "edge-bmp" of spec.bmp.tls`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			secret := ours.secret()
			if test.secret != nil {
				test.secret(secret)
			}
			r := start(t, router("edge", secured), secret)
			conn := r.dial()
			if test.config != nil {
				conn = tls.Client(conn, test.config)
			}
			// A refusal may come before or after what is sent.
			_, _ = conn.Write(append(slices.Clip(initiation), up(bmp.GlobalInstance, "")...))
			if test.want == "" {
				eventually(t, "the session is up", func() bool { return r.says("edge") == verdict.Established })
				return
			}
			r.eventuallyState("edge", test.want, func(s bmpstation.State) bool {
				return s.Reason == v1alpha1.ReasonBMPTLSFailed && strings.Contains(s.Message, test.want)
			})
			if got := r.says("edge"); got != verdict.Unknown {
				t.Errorf("the router says %s", got)
			}
		})
	}
}

// sessionTickets counts the session tickets that a client is sent.
type sessionTickets int

func (*sessionTickets) Get(string) (*tls.ClientSessionState, bool) { return nil, false }
func (n *sessionTickets) Put(string, *tls.ClientSessionState)      { *n++ }

// TestTLSSendsNothing: the kernel asks whether a router is still there only while it has acknowledged everything, and for a
// quarter of an hour not otherwise. So nothing may be sent after the handshake.
func TestTLSSendsNothing(t *testing.T) {
	ours := newAuthority(t)
	r := start(t, router("edge", secured), ours.secret())
	var tickets sessionTickets
	config := ours.client(ours, x509.ExtKeyUsageClientAuth)
	config.ClientSessionCache = &tickets
	var conn net.Conn = tls.Client(r.dial(), config)
	r.send(conn, initiation, up(bmp.GlobalInstance, ""), message(bmp.TypeTermination))
	r.eventuallyState("edge", "the end", func(s bmpstation.State) bool { return s.Reason == v1alpha1.ReasonBMPTerminated })
	closedByStation(t, conn)
	if tickets > 0 {
		t.Errorf("%d session tickets", tickets)
	}
}

// TestTLSOfOneIsTLSOfAll: what one BGPRouter of an address wants holds for the connection, and for the others.
func TestTLSOfOneIsTLSOfAll(t *testing.T) {
	ours := newAuthority(t)
	r := start(t, router("plain"), router("secure", secured), ours.secret())
	plain := r.dial()
	_, _ = plain.Write(append(slices.Clip(initiation), up(bmp.GlobalInstance, "")...)) // it may be closed already
	r.eventuallyState("plain", "a refusal", func(s bmpstation.State) bool { return s.Reason == v1alpha1.ReasonBMPTLSFailed })
	var conn net.Conn = tls.Client(r.dial(), ours.client(ours, x509.ExtKeyUsageClientAuth))
	r.send(conn, initiation, up(bmp.GlobalInstance, ""))
	for _, name := range []string{"plain", "secure"} {
		eventually(t, name+" says Established", func() bool { return r.says(name) == verdict.Established })
	}
}
