package doctor

// idlePolicies looks for policies without a node, and for a cluster without a policy.
func idlePolicies(f Facts) ([]Finding, error) {
	status, err := f.Status.Get()
	if err != nil {
		return nil, err
	}
	if len(status.Policies) == 0 {
		return []Finding{{
			Level: Warning, Message: "there is no PeeringPolicy: no node is held",
			Fix: "Create one.", Commands: []string{"kubectl apply -f config/samples/peeringpolicy_default.yaml"},
		}}, nil
	}
	var found []Finding
	for _, p := range status.Policies {
		if p.Selects == 0 {
			found = append(found, Finding{
				Level: Warning, Message: "policy " + p.Name + " selects no node",
				Fix: "Correct spec.nodeSelector, or delete the policy.", Commands: []string{"kubectl get peeringpolicy " + p.Name + " -o jsonpath='{.spec.nodeSelector}'"},
			})
		}
	}
	return found, nil
}
