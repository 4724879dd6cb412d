package controlplane_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestCertManagerIssuesFromItsOwnRootAndInjectsTheCA(t *testing.T) {
	for range 2 { // applying again changes nothing
		if err := cluster.Apply(t.Context(), "testdata/certificates"); err != nil {
			t.Fatal(err)
		}
	}
	var leaf *corev1.Secret
	eventually(t, "certificate", func(ctx context.Context) (err error) {
		leaf, err = admin(t).CoreV1().Secrets("certificates").Get(ctx, "leaf", metav1.GetOptions{})
		if err == nil && len(leaf.Data[corev1.TLSCertKey]) == 0 {
			err = errors.New("not issued yet")
		}
		return err
	})
	root, err := admin(t).CoreV1().Secrets("certificates").Get(t.Context(), "root", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	verify(t, leaf.Data[corev1.TLSCertKey], root.Data[corev1.TLSCertKey], "webhook.certificates.svc")

	eventually(t, "caBundle", func(ctx context.Context) error {
		webhook, err := admin(t).AdmissionregistrationV1().ValidatingWebhookConfigurations().
			Get(ctx, "certificates", metav1.GetOptions{})
		if err == nil && !bytes.Equal(webhook.Webhooks[0].ClientConfig.CABundle, root.Data[corev1.TLSCertKey]) {
			err = errors.New("is not the root's certificate")
		}
		return err
	})
}

func verify(t *testing.T, leafPEM, rootPEM []byte, host string) {
	t.Helper()
	block, _ := pem.Decode(leafPEM)
	if block == nil {
		t.Fatalf("no certificate in %q", leafPEM)
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(rootPEM)
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host}); err != nil {
		t.Error(err)
	}
}
