package nodelifecycle

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/nodeaddress"
	"github.com/peergate/peergate/internal/nodeselector"
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
	in, err := r.input(s, node, r.seen.at(node, r.Clock.Now()))
	if err != nil {
		return verdict.Input{}, err
	}
	if len(in.Policies) == 0 && in.Node.Tainted && in.Node.Exempt == "" {
		if s, in, err = r.gatherLive(ctx, node); err != nil {
			return verdict.Input{}, err
		}
	}
	if mayLose(in) {
		if err := r.guard(ctx, s, in); err != nil {
			return verdict.Input{}, err
		}
		r.hearAgain(in)
	}
	r.addRemedies(ctx, s, in)
	r.addOtherNodes(ctx, node, in)
	return in, nil
}

// gatherLive asks the API server itself whether no policy selects the node. The cache of policies may lag behind that
// of nodes: a policy that is seconds old must not let its first node in.
func (r *Reconciler) gatherLive(ctx context.Context, node *corev1.Node) (settings, verdict.Input, error) {
	s, err := settingsOf(ctx, r.Live)
	if err != nil {
		return settings{}, verdict.Input{}, undefined(err)
	}
	in, err := r.input(s, node, r.seen.at(node, r.Clock.Now()))
	if err == nil && len(in.Policies) == 0 {
		err = r.checkDefinition(ctx, node)
	}
	return s, in, err
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

// input is what is known of a node that was first seen at a time, without remedies and with every guard down.
func (r *Reconciler) input(s settings, node *corev1.Node, seenAt time.Time) (verdict.Input, error) {
	now := r.Clock.Now()
	in := verdict.Input{Node: r.describe(node, seenAt, now), Now: now}
	for i := range s.policies {
		p := &s.policies[i]
		selected, err := nodeselector.Takes(p.Spec.NodeSelector, node)
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
		selected, err := nodeselector.Takes(router.Spec.NodeSelector, node)
		if err != nil {
			return in, fmt.Errorf("reading spec.nodeSelector of BGPRouter %s: %w", router.Name, err)
		}
		if selected {
			in.Routers = append(in.Routers, r.Table.Evidence(router.Name, in.Node.Addresses))
		}
	}
	inOrder(in)
	return in, nil
}

// inOrder sorts by name: a cache lists in an order of the moment, and what is said of a node must not change with it.
func inOrder(in verdict.Input) {
	slices.SortFunc(in.Policies, func(a, b verdict.Policy) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(in.Routers, func(a, b verdict.Evidence) int { return strings.Compare(a.Router, b.Router) })
}

// mayLose is true if the node would be tainted for having lost its sessions, were it not for the guards.
func mayLose(in verdict.Input) bool {
	if !in.Node.Confirmed || in.Node.Tainted {
		return false
	}
	d := verdict.Decide(in)
	return d.State == verdict.Lost && d.Taint == verdict.AddTaint
}

func (r *Reconciler) describe(node *corev1.Node, seenAt, now time.Time) verdict.Node {
	n := verdict.Node{
		CreatedAt: node.CreationTimestamp.Time,
		SeenAt:    seenAt,
		Exempt:    strings.TrimSpace(node.Annotations[v1alpha1.AnnotationExempt]),
		Addresses: nodeaddress.Of(node),
		Tainted:   taint.Has(node.Spec.Taints, r.Taint),
		Confirmed: node.Annotations[v1alpha1.AnnotationConfirmedAt] != "",

		BadAddress: nodeaddress.Unreadable(node),
		Identifier: nodeaddress.Identifier(node),
		TaintedAt:  taintedAt(node, r.Taint),
		ReopenedAt: timeIn(node.Annotations[v1alpha1.AnnotationReopenedAt]),
	}
	if c := findCondition(node); c != nil && c.Status == corev1.ConditionFalse {
		// The API keeps whole seconds, cut off: a second more, so that the grace period never ends early.
		n.UnpeeredSince = r.seen.ownTime(node, c.LastTransitionTime.Add(time.Second), now)
	}
	return n
}

// timeIn reads the value of an annotation. One that is no time counts as none.
func timeIn(value string) time.Time {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return time.Time{}
	}
	return t
}

func describePolicy(p *v1alpha1.PeeringPolicy) verdict.Policy {
	described := verdict.Policy{
		Name:           p.Name,
		CreatedAt:      p.CreationTimestamp.Time,
		Mode:           p.Spec.Mode,
		MinEstablished: p.Spec.MinEstablished,
		Families:       p.Spec.Families,
		ReleaseAfter:   p.Spec.ReleaseAfter.Duration,
		HoldExisting:   p.Spec.ExistingNodes == v1alpha1.ExistingNodesHold,
	}
	if p.Spec.LossGracePeriod != nil {
		described.LossGrace = p.Spec.LossGracePeriod.Duration
	}
	if p.Spec.FlapDamping != nil {
		described.FlapDamping = p.Spec.FlapDamping.Duration
	}
	return described
}
