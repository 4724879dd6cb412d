package doctor

import "github.com/peergate/peergate/internal/verdict"

// unservedNodes looks for nodes of which no router is asked, so that they can never be confirmed.
func unservedNodes(f Facts) ([]Finding, error) {
	status, err := f.Status.Get()
	if err != nil {
		return nil, err
	}
	var unserved []string
	for _, n := range status.NodeList {
		if len(n.Policies) > 0 && len(n.Routers) == 0 && n.State != verdict.Exempt {
			unserved = append(unserved, n.Name)
		}
	}
	if len(unserved) == 0 {
		return nil, nil
	}
	return []Finding{{
		Level: Problem, Message: "no BGPRouter's nodeSelector takes " + some("node", unserved) + ": without a router there is no release",
		Fix: "Create a BGPRouter, or change the selector of one, or exempt what has no BGP.", Commands: []string{"kubectl get bgprouters -o wide"},
	}}, nil
}
