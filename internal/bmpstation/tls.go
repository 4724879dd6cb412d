package bmpstation

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// secretCA is the key that cert-manager, too, puts the authority of a Secret of type kubernetes.io/tls under.
const secretCA = "ca.crt"

// tlsConfig reads a Secret for each connection, so that a renewed certificate needs nothing to be told.
func (s *Station) tlsConfig(ctx context.Context, name string) (*tls.Config, error) {
	var secret corev1.Secret
	if err := s.Client.Get(ctx, types.NamespacedName{Namespace: s.Namespace, Name: name}, &secret); err != nil {
		return nil, fmt.Errorf("reading Secret %s of spec.bmp.tls: %w", strconv.Quote(name), err)
	}
	certificate, err := tls.X509KeyPair(secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey])
	if err != nil {
		return nil, fmt.Errorf("reading Secret %s of spec.bmp.tls: keys %s and %s: %w", strconv.Quote(name), corev1.TLSCertKey, corev1.TLSPrivateKeyKey, err)
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(secret.Data[secretCA]) {
		return nil, fmt.Errorf("reading Secret %s of spec.bmp.tls: key %s has no certificate", strconv.Quote(name), secretCA)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: authorities,
		MinVersion: tls.VersionTLS12,
		// Nobody can resume a session of a connection's own configuration. While a ticket is not acknowledged, the kernel asks
		// for no sign of life (keepAlive).
		SessionTicketsDisabled: true,
	}, nil
}
