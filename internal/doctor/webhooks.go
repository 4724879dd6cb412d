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

// callable is a webhook as the API server calls it.
type callable struct {
	name   string
	bundle []byte
	// closed is true if what the webhook is to look at is refused while it does not answer.
	closed bool
}

// callable are the webhooks of both configurations, as far as they may be read and are there.
func (f Facts) callable() (all []callable) {
	closed := func(policy *admissionregistrationv1.FailurePolicyType) bool {
		return policy == nil || *policy == admissionregistrationv1.Fail
	}
	if m := f.Mutating.Value; m != nil {
		for _, w := range m.Webhooks {
			all = append(all, callable{w.Name, w.ClientConfig.CABundle, closed(w.FailurePolicy)})
		}
	}
	if v := f.Validating.Value; v != nil {
		for _, w := range v.Webhooks {
			all = append(all, callable{w.Name, w.ClientConfig.CABundle, closed(w.FailurePolicy)})
		}
	}
	return all
}

// webhooks looks for webhooks that are missing, or that the API server cannot call for want of a CA, and says what it
// does while they are away where that is not what config/webhook has.
func webhooks(f Facts) ([]Finding, error) {
	mutating, err := f.Mutating.Get()
	if err != nil {
		return nil, err
	}
	validating, err := f.Validating.Get()
	if err != nil {
		return nil, err
	}
	var found []Finding
	wanted := validatingWebhooks
	switch {
	case mutating != nil:
		wanted = slices.Concat(mutatingWebhooks, validatingWebhooks)
	default:
		policy, err := f.MutatingPolicy.Get()
		if err != nil {
			return nil, err
		}
		if policy == nil {
			found = append(found, missingConfiguration("MutatingWebhookConfiguration", "new nodes join without the taint, and get it from the controller a moment later"))
		}
	}
	if validating == nil {
		wanted = slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return slices.Contains(validatingWebhooks, name) })
		found = append(found, missingConfiguration("ValidatingWebhookConfiguration", "whoever may edit Nodes can take the taint away, and routers and policies are not checked"))
	}
	for _, name := range wanted {
		found = append(found, f.webhookFindings(name)...)
	}
	return found, nil
}

func missingConfiguration(kind, means string) Finding {
	return Finding{
		Level: Problem, Message: kind + " " + webhookConfiguration + " is missing: " + means,
		Fix: "Apply the webhooks anew.", Commands: []string{"kubectl apply -k config/default"},
	}
}

func (f Facts) webhookFindings(name string) []Finding {
	all := f.callable()
	i := slices.IndexFunc(all, func(w callable) bool { return w.name == name })
	if i < 0 {
		return []Finding{{
			Level: Problem, Message: "webhook " + name + " is missing", Fix: "Apply the webhooks anew.",
			Commands: []string{"kubectl apply -k config/default"},
		}}
	}
	if what := bundleProblem(all[i].bundle, f.now()); what != "" {
		return []Finding{{
			Level: Problem, Message: "the API server cannot call webhook " + name + ": " + what,
			Fix:      "cert-manager's cainjector writes the CA, where annotation cert-manager.io/inject-ca-from says.",
			Commands: []string{"kubectl -n cert-manager get pods", "kubectl -n cert-manager logs deployment/cert-manager-cainjector --tail 20"},
		}}
	}
	return failurePolicyFindings(all[i])
}

// failurePolicyFindings are about what happens while the webhook does not answer: those on Nodes are shipped to let pass
// what they would have looked at, the others to refuse it.
func failurePolicyFindings(w callable) []Finding {
	ofNodes := w.name == mutatingWebhooks[0] || w.name == validatingWebhooks[0]
	switch {
	case ofNodes && w.closed:
		return []Finding{{
			Level: Note, Message: "webhook " + w.name + " has failurePolicy Fail: what it is to look at is refused while no manager serves, and nodes may not be able to join",
			Fix: "That is what overlay fail-closed is for: its kustomization says how to break the circle. Without it, apply config/default.",
		}}
	case !ofNodes && !w.closed:
		return []Finding{{
			Level: Warning, Message: "webhook " + w.name + " has failurePolicy Ignore: while no manager serves, mistakes in what it is to look at are stored",
			Fix: "Apply the webhooks anew.", Commands: []string{"kubectl apply -k config/default"},
		}}
	}
	return nil
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
