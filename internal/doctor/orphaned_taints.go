package doctor

// orphanedTaints looks for taints that only a manager that does not run would take away.
func orphanedTaints(f Facts) ([]Finding, error) {
	status, err := f.Status.Get()
	if err != nil {
		return nil, err
	}
	var orphaned []string
	for _, n := range status.NodeList {
		if n.Tainted && len(n.Policies) == 0 {
			orphaned = append(orphaned, n.Name)
		}
	}
	if len(orphaned) == 0 {
		return nil, nil
	}
	return []Finding{{
		Level: Problem, Message: "the taint " + f.Taint.Key + " is on " + some("node", orphaned) + ", under no policy",
		Fix:      "A manager that runs takes it away within seconds. If none is to run any more, uninstall what is left.",
		Commands: []string{"kubectl peergate doctor manager", "kubectl peergate uninstall --dry-run"},
	}}, nil
}
