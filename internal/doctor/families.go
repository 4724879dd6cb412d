package doctor

// families looks for policies that want to know what some router does not say.
func families(f Facts) ([]Finding, error) {
	status, err := f.Status.Get()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, p := range status.Policies {
		if p.FamiliesUnknown != "" {
			found = append(found, Finding{
				Level: Problem, Message: "policy " + p.Name + " wants families " + string(p.Families) + ", and cannot know: " + p.FamiliesUnknown,
				Fix: "Set spec.families to Any, or narrow the policy to nodes of other routers.", Commands: []string{"kubectl describe peeringpolicy " + p.Name},
			})
		}
	}
	return found, nil
}
