package story

import (
	"time"

	"github.com/peergate/peergate/routerclient/routertest"
)

// SetEstablished gives the router a neighbor whose session has been up since a time, or changes its state to that.
func (r *Router) SetEstablished(address string, since time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.neighbors[address] = routertest.FRRNeighbor{State: "Established", Since: since}
}

// SetAll gives neighbors a state, all of them between two answers.
func (r *Router) SetAll(state string, addresses ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, address := range addresses {
		r.neighbors[address] = routertest.FRRNeighbor{State: state, Since: time.Now()}
	}
}
