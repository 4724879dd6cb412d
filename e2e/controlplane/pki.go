package controlplane

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/util/keyutil"
)

// validity is that of every certificate here. No test cluster lives as long.
const validity = 24 * time.Hour

// pki is the cluster's certificate authority, for the API server and its clients, and its service account key.
type pki struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte // of cert
}

func newPKI(dir string) (*pki, error) {
	p := &pki{dir: dir}
	if err := p.create(); err != nil {
		return nil, fmt.Errorf("creating certificates: %w", err)
	}
	return p, nil
}

func (p *pki) create() error {
	if err := p.createCA(); err != nil {
		return err
	}
	serving, servingKey, err := p.issue(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	})
	if err != nil {
		return err
	}
	_, serviceAccountKey, err := newKey()
	if err != nil {
		return err
	}
	for path, content := range map[string][]byte{
		p.caFile():                p.pem,
		p.servingCertFile():       serving,
		p.servingKeyFile():        servingKey,
		p.serviceAccountKeyFile(): serviceAccountKey,
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (p *pki) caFile() string                { return filepath.Join(p.dir, "ca.crt") }
func (p *pki) servingCertFile() string       { return filepath.Join(p.dir, "apiserver.crt") }
func (p *pki) servingKeyFile() string        { return filepath.Join(p.dir, "apiserver.key") }
func (p *pki) serviceAccountKeyFile() string { return filepath.Join(p.dir, "service-account.key") }

func (p *pki) createCA() error {
	key, _, err := newKey()
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "kubernetes"},
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	p.cert, p.key = template, key // self-signed
	p.pem, err = p.sign(template, key)
	if err != nil {
		return err
	}
	block, _ := pem.Decode(p.pem)
	p.cert, err = x509.ParseCertificate(block.Bytes)
	return err
}

// issueClient returns a client certificate and its key, in PEM. The API server takes the common name for the user and
// the organizations for the groups.
func (p *pki) issueClient(user string, groups []string) (cert, key []byte, err error) {
	return p.issue(&x509.Certificate{
		Subject:     pkix.Name{CommonName: user, Organization: groups},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

func (p *pki) issue(template *x509.Certificate) (cert, keyPEM []byte, err error) {
	key, keyPEM, err := newKey()
	if err != nil {
		return nil, nil, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	cert, err = p.sign(template, key)
	return cert, keyPEM, err
}

func (p *pki) sign(template *x509.Certificate, key *ecdsa.PrivateKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Minute)
	template.NotAfter = template.NotBefore.Add(validity)
	der, err := x509.CreateCertificate(rand.Reader, template, p.cert, key.Public(), p.key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

func newKey() (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	encoded, err := keyutil.MarshalPrivateKeyToPEM(key)
	return key, encoded, err
}
