package report

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/peergate/peergate/api/v1alpha1"
)

// Policy is one PeeringPolicy in a report.
type Policy struct {
	Name           string        `json:"name"`
	Mode           v1alpha1.Mode `json:"mode"`
	MinEstablished string        `json:"minEstablished"`
	MaxUnpeered    string        `json:"maxUnpeered,omitempty"`
	// Selects is how many nodes the policy selects now, and Nodes what the manager last counted.
	Selects int                 `json:"selects"`
	Nodes   v1alpha1.NodeCounts `json:"nodes"`
	// Guarding is true while the disruption guard keeps nodes from being tainted, and GuardMessage says why.
	Guarding     bool   `json:"guarding"`
	GuardMessage string `json:"guardMessage,omitempty"`
	// Families are what the sessions must carry, and FamiliesUnknown says why that cannot be known, or is "".
	Families        v1alpha1.Families `json:"families,omitempty"`
	FamiliesUnknown string            `json:"familiesUnknown,omitempty"`
}

// policies are those of the cluster, in its order.
func (c Cluster) policies() []Policy {
	out := make([]Policy, 0, len(c.Policies))
	for i := range c.Policies {
		out = append(out, c.policy(&c.Policies[i]))
	}
	return out
}

func (c Cluster) policy(p *v1alpha1.PeeringPolicy) Policy {
	out := Policy{
		Name: p.Name, Mode: p.Spec.Mode, MinEstablished: p.Spec.MinEstablished.String(), Nodes: ptr.Deref(p.Status.Nodes, v1alpha1.NodeCounts{}),
		Guarding: meta.IsStatusConditionTrue(p.Status.Conditions, v1alpha1.ConditionDisruptionGuard),
	}
	if p.Spec.MaxUnpeered != nil {
		out.MaxUnpeered = p.Spec.MaxUnpeered.String()
	}
	if out.Guarding {
		out.GuardMessage = meta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionDisruptionGuard).Message
	}
	out.Families = p.Spec.Families
	if known := meta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionFamiliesKnown); known != nil && known.Status == metav1.ConditionFalse {
		out.FamiliesUnknown = known.Message
	}
	for i := range c.Nodes {
		if takes(p.Spec.NodeSelector, &c.Nodes[i]) {
			out.Selects++
		}
	}
	return out
}
