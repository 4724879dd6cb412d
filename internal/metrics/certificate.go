package metrics

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// RegisterCertificate registers when the certificate of the webhooks expires, by the file that the manager loads it from.
// The file is read when it is scraped, as it is replaced while the manager runs.
func RegisterCertificate(file string) error {
	return metrics.Registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "peergate_webhook_certificate_not_after_timestamp_seconds",
		Help: "When the certificate of the webhooks and of this endpoint expires, in Unix time; 0 if it cannot be read. Every replica.",
	}, func() float64 {
		at, ok := notAfter(file)
		if !ok {
			// An expiry in 1970 is alerted on as one of today is.
			return 0
		}
		return float64(at.Unix())
	}))
}

func notAfter(file string) (time.Time, bool) {
	content, err := os.ReadFile(file)
	if err != nil {
		return time.Time{}, false
	}
	leaf, _ := pem.Decode(content)
	if leaf == nil {
		return time.Time{}, false
	}
	certificate, err := x509.ParseCertificate(leaf.Bytes)
	if err != nil {
		return time.Time{}, false
	}
	return certificate.NotAfter, true
}
