package report

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/nodeselector"
	"github.com/peergate/peergate/internal/nodestate"
	"github.com/peergate/peergate/internal/taint"
	"github.com/peergate/peergate/internal/verdict"
)

// Node is one node in a report. Its JSON form is for scripts, as all in this package: fields are added, and none is
// removed.
type Node struct {
	Name  string        `json:"name"`
	State verdict.State `json:"state"`
	// Since is when the node came into its state, as far as the API server keeps it.
	Since *metav1.Time `json:"since,omitempty"`
	// Reason and Message are those of condition BGPPeered.
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
	Tainted bool   `json:"tainted"`
	// Policies select the node, and Routers take it.
	Policies []string `json:"policies"`
	Routers  []string `json:"routers"`
	// ConfirmedAt is when the routers first confirmed the node, in RFC 3339, or "".
	ConfirmedAt string `json:"confirmedAt,omitempty"`

	condition *corev1.NodeCondition
}

// nodes are those of the cluster, in its order.
func (c Cluster) nodes() []Node {
	out := make([]Node, 0, len(c.Nodes))
	for i := range c.Nodes {
		out = append(out, c.node(&c.Nodes[i]))
	}
	return out
}

func (c Cluster) node(node *corev1.Node) Node {
	n := Node{
		Name: node.Name, Tainted: taint.Has(node.Spec.Taints, c.Taint), condition: nodestate.Condition(node),
		ConfirmedAt: node.Annotations[v1alpha1.AnnotationConfirmedAt],
		Policies:    []string{}, Routers: []string{},
	}
	for i := range c.Policies {
		if takes(c.Policies[i].Spec.NodeSelector, node) {
			n.Policies = append(n.Policies, c.Policies[i].Name)
		}
	}
	for i := range c.Routers {
		if takes(c.Routers[i].Spec.NodeSelector, node) {
			n.Routers = append(n.Routers, c.Routers[i].Name)
		}
	}
	n.State = nodestate.Of(node, len(n.Policies) > 0, c.Taint)
	if n.condition != nil && n.State != verdict.Unselected {
		n.Reason, n.Message = n.condition.Reason, n.condition.Message
	}
	if n.State == verdict.Exempt {
		n.Reason, n.Message = string(verdict.ReasonExempt), strings.TrimSpace(node.Annotations[v1alpha1.AnnotationExempt])
	}
	n.Since = since(node, n, c.Taint)
	return n
}

// takes leaves out a selector that cannot be read, which admission refuses.
func takes(selector *metav1.LabelSelector, node *corev1.Node) bool {
	taken, err := nodeselector.Takes(selector, node)
	return err == nil && taken
}

// since is when the taint came, for a node that is held; otherwise when the condition's status last changed.
func since(node *corev1.Node, n Node, own corev1.Taint) *metav1.Time {
	if n.State == verdict.Held {
		for i := range node.Spec.Taints {
			if t := &node.Spec.Taints[i]; t.Key == own.Key && t.TimeAdded != nil {
				return t.TimeAdded
			}
		}
		return &node.CreationTimestamp
	}
	if n.condition == nil || n.State == verdict.Unselected {
		return nil
	}
	return &n.condition.LastTransitionTime
}

// age is how long the node has been in its state; 0 if that is not known.
func (n Node) age(now time.Time) time.Duration {
	if n.Since == nil {
		return 0
	}
	return now.Sub(n.Since.Time)
}
