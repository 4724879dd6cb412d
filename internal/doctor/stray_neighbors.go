package doctor

import "fmt"

// strayNeighbors tells of neighbors that are no node: the routers' uplinks, and what is left of nodes that are gone.
func strayNeighbors(f Facts) ([]Finding, error) {
	status, err := f.Status.Get()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, r := range status.Routers {
		if r.StrayNeighbors > 0 {
			found = append(found, Finding{
				Level: Note, Message: fmt.Sprintf("router %s has %d neighbors that are no node: its uplinks, and what is left of nodes that are gone", r.Name, r.StrayNeighbors),
				Fix:      "Look whether you know them all: a new node that gets the address of a leftover can be taken for the old one.",
				Commands: []string{"kubectl get bgprouter " + r.Name + " -o yaml | kubectl peergate probe -f - --username YOU --identity ~/.ssh/id_ed25519"},
			})
		}
	}
	return found, nil
}
