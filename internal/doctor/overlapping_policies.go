package doctor

import "strings"

// overlappingPolicies tells of nodes under several policies, which need what each of them wants.
func overlappingPolicies(f Facts) ([]Finding, error) {
	status, err := f.Status.Get()
	if err != nil {
		return nil, err
	}
	nodes := map[string][]string{}
	var together []string
	for _, n := range status.NodeList {
		if len(n.Policies) < 2 {
			continue
		}
		key := strings.Join(n.Policies, " and ")
		if nodes[key] == nil {
			together = append(together, key)
		}
		nodes[key] = append(nodes[key], n.Name)
	}
	var found []Finding
	for _, policies := range together {
		found = append(found, Finding{
			Level: Note, Message: "policies " + policies + " together select " + some("node", nodes[policies]),
			Fix: "Such a node needs what each of them wants. If that is not meant, narrow a nodeSelector.",
		})
	}
	return found, nil
}
