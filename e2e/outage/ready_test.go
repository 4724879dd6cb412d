package outage_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

// TestNotReadyWithoutCertificate: a replica that cannot serve webhooks ends, with an error that names what is missing,
// and is never ready on the way there.
func TestNotReadyWithoutCertificate(t *testing.T) {
	for _, test := range []struct {
		name, missing string
		files         []string
	}{
		{"no directory", "certs/tls.crt: no such file or directory", nil},
		{"no key", "certs/tls.key: no such file or directory", []string{"tls.crt"}},
		{"garbage", "tls: failed to find any PEM data in certificate input", []string{"tls.crt", "tls.key"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := suite.New(t)
			dir := filepath.Join(t.TempDir(), "certs")
			for _, name := range test.files {
				write(t, filepath.Join(dir, name), "neither a certificate nor a key")
			}
			r, err := s.Peergate.LaunchReplica(t.Context(), "--webhook-cert-dir="+dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(r.Kill)
			expectEndUnready(s, r)
			if err := r.Err(); err == nil || !strings.Contains(err.Error(), test.missing) {
				t.Errorf("it ends with %v, which does not say %q", err, test.missing)
			}
		})
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func expectEndUnready(s *story.Story, r *install.Replica) {
	s.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(story.Patience)
	for {
		select {
		case <-r.Exited():
			return
		case <-timeout:
			s.Fatalf("it has not ended within %s", story.Patience)
		case <-ticker.C:
		}
		if r.Ready(s.Context()) == nil {
			s.Fatal("it is ready without a certificate")
		}
	}
}

// TestNotReadyBeforeCachesSync stops what a new replica reads: its webhooks serve, and it is not ready.
func TestNotReadyBeforeCachesSync(t *testing.T) {
	s := suite.New(t)
	reading := between.stop(t, beforeTheAnswer, func(request *http.Request) bool {
		return request.Method == http.MethodGet && request.URL.Path == "/api/v1/nodes"
	})
	r, err := s.Peergate.LaunchReplica(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Kill)
	s.Eventually("the replica is ready but for its caches", func(ctx context.Context) error {
		err := r.Ready(ctx)
		if err == nil {
			t.Fatal("it is ready before its caches have synced")
		}
		for _, want := range []string{"[+]webhook ok", "[-]caches failed"} {
			if !strings.Contains(err.Error(), want) {
				return err
			}
		}
		return nil
	})
	reading.forward()
	s.Eventually("the replica is ready", r.Ready)
}

// TestCertificateRenewed has cert-manager issue the certificate anew: the replicas serve it without a restart, and the
// API server trusts it.
func TestCertificateRenewed(t *testing.T) {
	s := suite.New(t)
	old := certificateSecret(s)
	if err := s.Client.Delete(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	var renewed *corev1.Secret
	s.Eventually("cert-manager issues anew", func(ctx context.Context) error {
		renewed = &corev1.Secret{}
		err := s.Client.Get(ctx, client.ObjectKeyFromObject(old), renewed)
		if err == nil && (len(renewed.Data[corev1.TLSCertKey]) == 0 || bytes.Equal(renewed.Data[corev1.TLSCertKey], old.Data[corev1.TLSCertKey])) {
			err = errors.New("not yet")
		}
		return err
	})
	if err := s.Peergate.MountCertificate(t.Context()); err != nil {
		t.Fatal(err)
	}
	mounted := time.Now()
	for _, r := range s.Peergate.Replicas() {
		s.Eventually("the webhooks serve the new certificate", serves(r.Webhook, "peergate-webhook.peergate-system.svc", renewed))
		s.Eventually("the metrics serve the new certificate", serves(r.Metrics, "peergate-metrics.peergate-system.svc", renewed))
		if r.Err() != nil {
			t.Error(r.Err())
		}
	}
	t.Logf("the new certificate was served %s after it was there", time.Since(mounted).Round(time.Millisecond))
	for i := range 4 { // both replicas take their turns
		name := fmt.Sprintf("renewed-%d", i)
		history := s.Follow(name)
		s.Join(name, "")
		if first := history.States()[0]; !story.Tainted(first) {
			t.Errorf("after the renewal, the first write of a node has taints %v", first.Spec.Taints)
		}
	}
}

func certificateSecret(s *story.Story) *corev1.Secret {
	s.Helper()
	secret := &corev1.Secret{}
	if err := s.Client.Get(s.Context(), client.ObjectKey{Namespace: install.Namespace, Name: install.WebhookSecret}, secret); err != nil {
		s.Fatal(err)
	}
	return secret
}

// serves returns a function that returns nil once what is served at an address is the Secret's certificate, and valid
// for the name.
func serves(address, name string, secret *corev1.Secret) func(context.Context) error {
	return func(ctx context.Context) error {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(secret.Data["ca.crt"])
		dialer := tls.Dialer{Config: &tls.Config{RootCAs: roots, ServerName: name}}
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		defer conn.Close()
		leaf, _ := pem.Decode(secret.Data[corev1.TLSCertKey])
		if served := conn.(*tls.Conn).ConnectionState().PeerCertificates[0]; !bytes.Equal(served.Raw, leaf.Bytes) {
			return fmt.Errorf("it serves certificate %s", served.SerialNumber)
		}
		return nil
	}
}
