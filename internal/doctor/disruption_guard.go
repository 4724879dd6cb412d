package doctor

// disruptionGuard looks for guards that have tripped.
func disruptionGuard(f Facts) ([]Finding, error) {
	status, err := f.Status.Get()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, p := range status.Policies {
		if p.Guarding {
			found = append(found, Finding{
				Level: Problem, Message: "the disruption guard of policy " + p.Name + " has tripped: " + p.GuardMessage,
				Fix: "See what the routers, or the way to them, have in common. The guard resets by itself.", Commands: []string{"kubectl peergate routers -o wide"},
			})
		}
	}
	return found, nil
}
