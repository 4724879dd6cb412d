package report

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/verdict"
)

// Router is one BGPRouter in a report.
type Router struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	Platform string `json:"platform"`
	VRF      string `json:"vrf,omitempty"`
	// Reachable is condition Reachable: True, False, or Unknown before the router was first asked.
	Reachable metav1.ConditionStatus `json:"reachable"`
	Reason    string                 `json:"reason"`
	Message   string                 `json:"message,omitempty"`
	// Since is when Reachable last changed.
	Since *metav1.Time `json:"since,omitempty"`
	// LastContact is when the router last gave a whole answer, while it gives none.
	LastContact    *metav1.Time `json:"lastContact,omitempty"`
	Established    int32        `json:"established"`
	Down           int32        `json:"down"`
	StrayNeighbors int32        `json:"strayNeighbors"`
	// Nodes is how many nodes the router's nodeSelector takes.
	Nodes    int    `json:"nodes"`
	RouterID string `json:"routerID,omitempty"`
	// BMP is the reason of condition BMPConnected, or "" for a router that does not tell of its sessions by itself, and
	// BMPConnected its status.
	BMP          string `json:"bmp,omitempty"`
	BMPConnected bool   `json:"bmpConnected,omitempty"`
	LocalASN     int64  `json:"localASN,omitempty"`
}

// routers are those of the cluster, in its order.
func (c Cluster) routers() []Router {
	out := make([]Router, 0, len(c.Routers))
	for i := range c.Routers {
		out = append(out, c.router(&c.Routers[i]))
	}
	return out
}

func (c Cluster) router(r *v1alpha1.BGPRouter) Router {
	sessions := ptr.Deref(r.Status.Sessions, v1alpha1.SessionCounts{})
	out := Router{
		Name: r.Name, Address: r.Spec.Address, Platform: r.Spec.Platform, VRF: r.Spec.VRF,
		Reachable: metav1.ConditionUnknown, Reason: string(verdict.ReasonNotAskedYet),
		LastContact: r.Status.LastContact, Established: sessions.Established, Down: sessions.Down,
		StrayNeighbors: ptr.Deref(r.Status.StrayNeighbors, 0), RouterID: r.Status.RouterID, LocalASN: r.Status.LocalASN,
	}
	if condition := meta.FindStatusCondition(r.Status.Conditions, v1alpha1.ConditionReachable); condition != nil {
		out.Reachable, out.Reason, out.Message = condition.Status, condition.Reason, condition.Message
		out.Since = &condition.LastTransitionTime
	}
	if condition := meta.FindStatusCondition(r.Status.Conditions, v1alpha1.ConditionBMPConnected); condition != nil {
		out.BMP, out.BMPConnected = condition.Reason, condition.Status == metav1.ConditionTrue
	}
	for i := range c.Nodes {
		if takes(r.Spec.NodeSelector, &c.Nodes[i]) {
			out.Nodes++
		}
	}
	return out
}
