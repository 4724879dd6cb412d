package nodelifecycle

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/nodeaddress"
	"github.com/peergate/peergate/internal/taint"
	"github.com/peergate/peergate/internal/verdict"
)

// settings are the routers and policies of the cluster.
type settings struct {
	routers  []v1alpha1.BGPRouter
	policies []v1alpha1.PeeringPolicy
}

// gather collects all that a decision about the node depends on.
func (r *Reconciler) gather(ctx context.Context, node *corev1.Node) (verdict.Input, error) {
	s, err := settingsOf(ctx, r.Client)
	if err != nil {
		return verdict.Input{}, err
	}
	in, err := r.input(s, node)
	if err != nil {
		return verdict.Input{}, err
	}
	if len(in.Policies) == 0 && in.Node.Tainted {
		// The cache of policies may lag behind that of nodes: a policy that is seconds old must not let its first node in.
		if s, err = settingsOf(ctx, r.Live); err != nil {
			return verdict.Input{}, err
		}
		if in, err = r.input(s, node); err != nil {
			return verdict.Input{}, err
		}
	}
	if d := verdict.Decide(in); d.State == verdict.Lost && d.Taint == verdict.AddTaint {
		if err := r.guard(ctx, s, in); err != nil {
			return verdict.Input{}, err
		}
		r.hearAgain(in)
	}
	r.addRemedies(ctx, s, in)
	return in, nil
}

// hearAgain reads the evidence anew once the guard has counted: where a router has brought all its sessions back
// meanwhile, the guard no longer holds, and what was known of the node before must not close it.
func (r *Reconciler) hearAgain(in verdict.Input) {
	for i := range in.Routers {
		in.Routers[i] = r.Table.Evidence(in.Routers[i].Router, in.Node.Addresses)
	}
}

func settingsOf(ctx context.Context, reader client.Reader) (settings, error) {
	var routers v1alpha1.BGPRouterList
	if err := reader.List(ctx, &routers, client.UnsafeDisableDeepCopy); err != nil {
		return settings{}, fmt.Errorf("listing BGPRouters: %w", err)
	}
	var policies v1alpha1.PeeringPolicyList
	if err := reader.List(ctx, &policies, client.UnsafeDisableDeepCopy); err != nil {
		return settings{}, fmt.Errorf("listing PeeringPolicies: %w", err)
	}
	return settings{routers: routers.Items, policies: policies.Items}, nil
}

// input is what is known of a node, without remedies and with every guard down.
func (r *Reconciler) input(s settings, node *corev1.Node) (verdict.Input, error) {
	in := verdict.Input{Node: r.describe(node), Now: r.Clock.Now()}
	for i := range s.policies {
		p := &s.policies[i]
		selected, err := selects(p.Spec.NodeSelector, node)
		if err != nil {
			return in, fmt.Errorf("reading spec.nodeSelector of PeeringPolicy %s: %w", p.Name, err)
		}
		if selected {
			described := describePolicy(p)
			described.MetAt = r.seen.metAt(node, p.Name)
			in.Policies = append(in.Policies, described)
		}
	}
	for i := range s.routers {
		router := &s.routers[i]
		selected, err := selects(router.Spec.NodeSelector, node)
		if err != nil {
			return in, fmt.Errorf("reading spec.nodeSelector of BGPRouter %s: %w", router.Name, err)
		}
		if selected {
			in.Routers = append(in.Routers, r.Table.Evidence(router.Name, in.Node.Addresses))
		}
	}
	return in, nil
}

func selects(selector *metav1.LabelSelector, node *corev1.Node) (bool, error) {
	if selector == nil || (len(selector.MatchLabels) == 0 && len(selector.MatchExpressions) == 0) {
		return true, nil
	}
	s, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return false, err
	}
	return s.Matches(labels.Set(node.Labels)), nil
}

func (r *Reconciler) describe(node *corev1.Node) verdict.Node {
	n := verdict.Node{
		CreatedAt: node.CreationTimestamp.Time,
		SeenAt:    r.seen.at(node, r.Clock.Now()),
		Exempt:    strings.TrimSpace(node.Annotations[v1alpha1.AnnotationExempt]),
		Addresses: nodeaddress.Of(node),
		Tainted:   taint.Has(node.Spec.Taints, r.Taint),
		Confirmed: node.Annotations[v1alpha1.AnnotationConfirmedAt] != "",
	}
	if c := findCondition(node); c != nil && c.Status == corev1.ConditionFalse {
		// The API keeps whole seconds, cut off: a second more, so that the grace period never ends early.
		n.UnpeeredSince = c.LastTransitionTime.Add(time.Second)
	}
	return n
}

func describePolicy(p *v1alpha1.PeeringPolicy) verdict.Policy {
	described := verdict.Policy{
		Name:           p.Name,
		CreatedAt:      p.CreationTimestamp.Time,
		Mode:           p.Spec.Mode,
		MinEstablished: p.Spec.MinEstablished,
		ReleaseAfter:   p.Spec.ReleaseAfter.Duration,
		HoldExisting:   p.Spec.ExistingNodes == v1alpha1.ExistingNodesHold,
	}
	if p.Spec.LossGracePeriod != nil {
		described.LossGrace = p.Spec.LossGracePeriod.Duration
	}
	return described
}
