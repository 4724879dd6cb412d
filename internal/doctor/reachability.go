package doctor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"github.com/peergate/peergate/internal/taint"
)

// reachability looks whether the API server reaches the webhooks. With the failure policy Ignore nothing else would tell:
// nodes simply join without the taint. A dry run proves it; where none may be made, endpoints that are missing disprove it.
// The time in the taint is the webhook's: the policy that may taint in its place cannot write one.
func reachability(f Facts) ([]Finding, error) {
	taints, err := f.DryRun.Get()
	tainted := err == nil && taint.Has(taints, f.Taint)
	if tainted && f.timed(taints) {
		return nil, nil
	}
	found, endpointsErr := f.endpointFindings()
	if len(found) > 0 {
		return found, nil
	}
	message := "a Node that was created in a dry run did not get the taint " + f.Taint.Key + ": the API server does not reach the webhook, or does not trust it"
	switch {
	case tainted:
		message = "a Node that was created in a dry run got the taint " + f.Taint.Key + ", but not from the webhook: the API server does not reach it, or does not trust it, and changes of the taint by others are not refused"
	case err != nil && strings.Contains(err.Error(), mutatingWebhooks[0]):
		message = "the API server does not reach the webhook, and refuses every new node for that: " + err.Error()
	case err != nil:
		return nil, errors.Join(err, endpointsErr)
	}
	return []Finding{{
		Level:   Problem,
		Message: message,
		Fix: "See whether a firewall or a NetworkPolicy keeps the API server from port 9443 of the manager's pods, and what " +
			"the API server logs about webhook " + mutatingWebhooks[0] + ".",
		Commands: []string{fmt.Sprintf("kubectl -n %s get endpointslices,networkpolicies", f.Namespace)},
	}}, nil
}

func (f Facts) timed(taints []corev1.Taint) bool {
	return slices.ContainsFunc(taints, func(t corev1.Taint) bool { return t.MatchTaint(&f.Taint) && t.TimeAdded != nil })
}

func (f Facts) endpointFindings() ([]Finding, error) {
	endpoints, err := f.Endpoints.Get()
	if err != nil {
		return nil, err
	}
	if readyEndpoints(endpoints) > 0 {
		return nil, nil
	}
	return []Finding{{
		Level: Problem, Message: "Service " + webhookService + " has no ready endpoint: no webhook is served, and new nodes join without the taint",
		Fix:      "See why no pod of the manager is ready.",
		Commands: []string{fmt.Sprintf("kubectl -n %s get pods,endpointslices", f.Namespace)},
	}}, nil
}

func readyEndpoints(all []discoveryv1.EndpointSlice) (ready int) {
	for _, slice := range all {
		for _, endpoint := range slice.Endpoints {
			// A condition that is not set counts as true (discovery/v1).
			if endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready {
				ready++
			}
		}
	}
	return ready
}
