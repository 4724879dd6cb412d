package doctor

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
)

// The webhooks that config/webhook has.
var (
	mutatingWebhooks   = []string{"node-taint.peergate.dev"}
	validatingWebhooks = []string{"node-guard.peergate.dev", "bgprouter.peergate.dev", "peeringpolicy.peergate.dev"}
)

// webhooks looks for webhooks that are missing, or that the API server cannot call for want of a CA.
func webhooks(f Facts) ([]Finding, error) {
	mutating, err := f.Mutating.Get()
	if err != nil {
		return nil, err
	}
	validating, err := f.Validating.Get()
	if err != nil {
		return nil, err
	}
	found, err := f.mutatingFindings(mutating)
	if err != nil {
		return nil, err
	}
	if validating == nil {
		return append(found, missingConfiguration("ValidatingWebhookConfiguration", "whoever may edit Nodes can take the taint away, and routers and policies are not checked")), nil
	}
	bundles := map[string][]byte{}
	for _, w := range validating.Webhooks {
		bundles[w.Name] = w.ClientConfig.CABundle
	}
	return append(found, webhookFindings(validatingWebhooks, bundles, f.Local)...), nil
}

func (f Facts) mutatingFindings(configuration *admissionregistrationv1.MutatingWebhookConfiguration) ([]Finding, error) {
	if configuration == nil {
		policy, err := f.MutatingPolicy.Get()
		if err != nil || policy != nil {
			return nil, err
		}
		return []Finding{missingConfiguration("MutatingWebhookConfiguration", "new nodes join without the taint, and get it from the controller a moment later")}, nil
	}
	bundles := map[string][]byte{}
	for _, w := range configuration.Webhooks {
		bundles[w.Name] = w.ClientConfig.CABundle
	}
	return webhookFindings(mutatingWebhooks, bundles, f.Local), nil
}

func missingConfiguration(kind, means string) Finding {
	return Finding{
		Level: Problem, Message: kind + " " + webhookConfiguration + " is missing: " + means,
		Fix: "Apply the webhooks anew.", Commands: []string{"kubectl apply -k config/default"},
	}
}

// webhookFindings are about webhooks, by the CA bundle of each.
func webhookFindings(wanted []string, bundles map[string][]byte, now time.Time) []Finding {
	var found []Finding
	for _, name := range wanted {
		bundle, ok := bundles[name]
		if !ok {
			found = append(found, Finding{
				Level: Problem, Message: "webhook " + name + " is missing", Fix: "Apply the webhooks anew.",
				Commands: []string{"kubectl apply -k config/default"},
			})
			continue
		}
		if what := bundleProblem(bundle, now); what != "" {
			found = append(found, Finding{
				Level: Problem, Message: "the API server cannot call webhook " + name + ": " + what,
				Fix:      "cert-manager's cainjector writes the CA, where annotation cert-manager.io/inject-ca-from says.",
				Commands: []string{"kubectl -n cert-manager get pods", "kubectl -n cert-manager logs deployment/cert-manager-cainjector --tail 20"},
			})
		}
	}
	return found
}

func bundleProblem(bundle []byte, now time.Time) string {
	if len(bundle) == 0 {
		return "it has no CA"
	}
	var ends []string
	for block, rest := pem.Decode(bundle); block != nil; block, rest = pem.Decode(rest) {
		ca, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return fmt.Sprintf("its CA cannot be read: %s", err)
		}
		if ca.NotAfter.After(now) {
			return ""
		}
		ends = append(ends, ca.NotAfter.Format(time.DateOnly))
	}
	if len(ends) == 0 {
		return "its CA is not in PEM form"
	}
	slices.Sort(ends)
	return "its CA ended on " + strings.Join(ends, ", ")
}
