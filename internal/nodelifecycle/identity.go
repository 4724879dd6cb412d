package nodelifecycle

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/internal/verdict"
)

// addOtherNodes adds which session goes by an identifier that is an address of another node.
func (r *Reconciler) addOtherNodes(ctx context.Context, node *corev1.Node, in verdict.Input) {
	for _, e := range in.Routers {
		for i := range e.Sessions {
			s := &e.Sessions[i]
			if s.PeerRouterID.IsValid() && !slices.Contains(in.Node.Addresses, s.PeerRouterID) {
				s.OtherNode = r.otherNode(ctx, node.Name, s.PeerRouterID.String())
			}
		}
	}
}

// otherNode is the first by name of the other nodes with an address, or "".
func (r *Reconciler) otherNode(ctx context.Context, name, address string) string {
	other := ""
	for _, request := range r.nodesWith(ctx, address) {
		if request.Name != name && (other == "" || request.Name < other) {
			other = request.Name
		}
	}
	return other
}
