package doctor

// idleRouters looks for routers that are asked for nothing.
func idleRouters(f Facts) ([]Finding, error) {
	status, err := f.Status.Get()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, r := range status.Routers {
		if r.Nodes == 0 {
			found = append(found, Finding{
				Level: Warning, Message: "router " + r.Name + " serves no node: its nodeSelector takes none",
				Fix: "Correct spec.nodeSelector, or delete the BGPRouter.", Commands: []string{"kubectl get bgprouter " + r.Name + " -o jsonpath='{.spec.nodeSelector}'"},
			})
		}
	}
	return found, nil
}
