package doctor

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"
)

// renewalDue is how long before its end cert-manager has renewed the certificate at the latest: it does so at two thirds
// of 90 days.
const renewalDue = 14 * 24 * time.Hour

// certificate looks at the end of the webhooks' certificate, and whether it is one for their Service that the API server
// trusts.
func certificate(f Facts) ([]Finding, error) {
	serving, err := f.Serving.Get()
	if err != nil {
		return nil, err
	}
	describe := fmt.Sprintf("kubectl -n %s describe certificate %s", f.Namespace, certificateName)
	if serving == nil {
		return []Finding{{
			Level: Problem, Message: "there is no certificate for the webhooks: neither Secret nor Certificate " + certificateName,
			Fix:      "Install cert-manager, and see why it does not issue.",
			Commands: []string{describe},
		}}, nil
	}
	finding := Finding{Fix: "See why cert-manager does not renew it.", Commands: []string{describe, "kubectl -n cert-manager get pods"}}
	left := serving.NotAfter.Sub(f.now())
	until := serving.NotAfter.Format(time.DateOnly)
	switch {
	case left <= 0:
		finding.Level, finding.Message = Problem, "the webhooks' certificate ended on "+until+": the API server calls none of them"
	case left < renewalDue:
		finding.Level, finding.Message = Warning, fmt.Sprintf("the webhooks' certificate ends on %s, in %d days, and should have been renewed", until, int(left.Hours()/24))
	case serving.NotReady != "":
		finding.Level, finding.Message = Warning, "cert-manager does not vouch for the webhooks' certificate: "+serving.NotReady
	default:
		return f.trusted(serving)
	}
	return []Finding{finding}, nil
}

// trusted looks whether the API server would take the certificate. That can be told only where it may be read.
func (f Facts) trusted(serving *ServingCertificate) ([]Finding, error) {
	until := Finding{Level: OK, Message: "valid until " + serving.NotAfter.Format(time.DateOnly) + ", as " + serving.Source + " says"}
	if serving.Chain == nil {
		return []Finding{until}, nil
	}
	for _, w := range f.callable() {
		if len(w.bundle) == 0 {
			continue // the check webhooks tells of that
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(w.bundle)
		if err := verify(serving.Chain, roots, webhookService+"."+f.Namespace+".svc", f.now()); err != nil {
			return []Finding{{
				Level: Problem, Message: "the API server does not trust the certificate of webhook " + w.name + ": " + err.Error(),
				Fix:      "Let cert-manager's cainjector write the CA of Secret " + certificateName + " into the webhook configurations.",
				Commands: []string{"kubectl -n cert-manager rollout restart deployment cert-manager-cainjector"},
			}}, nil
		}
	}
	return []Finding{until}, nil
}

func verify(chain []byte, roots *x509.CertPool, name string, now time.Time) error {
	block, rest := pem.Decode(chain)
	if block == nil {
		return fmt.Errorf("it is not in PEM form")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	intermediates := x509.NewCertPool()
	intermediates.AppendCertsFromPEM(rest)
	_, err = leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, Intermediates: intermediates, CurrentTime: now})
	return err
}
