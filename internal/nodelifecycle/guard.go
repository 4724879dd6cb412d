package nodelifecycle

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/specchange"
	"github.com/peergate/peergate/internal/verdict"
)

// Census counts the nodes of a policy that the guard is about.
type Census struct {
	// Nodes are those the policy selects that are not exempt.
	Nodes int
	// Unpeered are those of them that were confirmed and no longer have what the policy wants.
	Unpeered int
	// Trips is true if that is more than the policy's maxUnpeered.
	Trips bool
}

// censusAge bounds how long a census is used while no router gives a new answer: nodes come and go, too.
const censusAge = time.Second

// censuses keeps the last census of each policy for as long as it can be used, so that nodes that are lost together are
// counted once.
type censuses struct {
	mu   sync.Mutex
	last map[string]censusAt
}

type censusAt struct {
	Census
	heardSoFar sessiontable.Heard
	policy     specchange.Version
	routers    map[string]specchange.Version
	at         time.Time
}

func versionsOf(routers []v1alpha1.BGPRouter) map[string]specchange.Version {
	versions := make(map[string]specchange.Version, len(routers))
	for i := range routers {
		versions[routers[i].Name] = specchange.VersionOf(&routers[i])
	}
	return versions
}

// guard sets which policies of the input must not taint the node for having lost its sessions.
func (r *Reconciler) guard(ctx context.Context, s settings, in verdict.Input) error {
	for i := range in.Policies {
		for j := range s.policies {
			if s.policies[j].Name != in.Policies[i].Name {
				continue
			}
			census, err := r.census(ctx, s, &s.policies[j], censusAt.decides)
			if err != nil {
				return err
			}
			in.Policies[i].Guarded = census.Trips
		}
	}
	return nil
}

// Census counts the nodes of a policy.
func (r *Reconciler) Census(ctx context.Context, policy *v1alpha1.PeeringPolicy) (Census, error) {
	s, err := settingsOf(ctx, r.Client)
	if err != nil {
		return Census{}, err
	}
	return r.census(ctx, s, policy, censusAt.standsFor)
}

// census counts the nodes of a policy, unless the last census will do in place of the next.
func (r *Reconciler) census(
	ctx context.Context, s settings, policy *v1alpha1.PeeringPolicy, willDo func(last, next censusAt, policy *v1alpha1.PeeringPolicy) bool,
) (Census, error) {
	r.counted.mu.Lock()
	defer r.counted.mu.Unlock()
	next := censusAt{heardSoFar: r.Table.Heard(), policy: specchange.VersionOf(policy), routers: versionsOf(s.routers), at: r.Clock.Now()}
	if last, ok := r.counted.last[policy.Name]; ok && willDo(last, next, policy) {
		return last.Census, nil
	}
	var err error
	if next.Census, err = r.count(ctx, s, policy); err != nil {
		return Census{}, err
	}
	if r.counted.last == nil {
		r.counted.last = map[string]censusAt{}
	}
	// Those of deleted policies among them.
	maps.DeleteFunc(r.counted.last, func(_ string, c censusAt) bool {
		return c.heardSoFar.Answers != next.heardSoFar.Answers || next.at.Sub(c.at) >= censusAge
	})
	r.counted.last[policy.Name] = next
	return next.Census, nil
}

// standsFor is true if counting again would come to the same.
func (c censusAt) standsFor(next censusAt, _ *v1alpha1.PeeringPolicy) bool {
	return c.heardSoFar.Reports == next.heardSoFar.Reports && c.standsButForReports(next)
}

// decides is true if counting again would trip the guard no more, and no less. A router that reports each session that it
// loses would have all nodes counted for each.
func (c censusAt) decides(next censusAt, policy *v1alpha1.PeeringPolicy) bool {
	reports := int(next.heardSoFar.Reports - c.heardSoFar.Reports)
	return c.standsButForReports(next) &&
		trips(policy, max(c.Unpeered-reports, 0), c.Nodes) == trips(policy, c.Unpeered+reports, c.Nodes)
}

func (c censusAt) standsButForReports(next censusAt) bool {
	return c.heardSoFar.Answers == next.heardSoFar.Answers && c.policy == next.policy && maps.Equal(c.routers, next.routers) &&
		next.at.Sub(c.at) < censusAge
}

func trips(policy *v1alpha1.PeeringPolicy, unpeered, nodes int) bool {
	return policy.Spec.MaxUnpeered != nil && verdict.GuardTrips(unpeered, nodes, *policy.Spec.MaxUnpeered)
}

func (r *Reconciler) count(ctx context.Context, s settings, policy *v1alpha1.PeeringPolicy) (Census, error) {
	var nodes corev1.NodeList
	if err := r.Client.List(ctx, &nodes, client.UnsafeDisableDeepCopy); err != nil {
		return Census{}, fmt.Errorf("listing nodes to count those of policy %s: %w", policy.Name, err)
	}
	s.policies = []v1alpha1.PeeringPolicy{*policy}
	var c Census
	for i := range nodes.Items {
		node := &nodes.Items[i]
		in, err := r.input(s, node, r.seen.peek(node, r.Clock.Now()))
		if err != nil {
			return Census{}, err
		}
		if len(in.Policies) == 0 || in.Node.Exempt != "" {
			continue
		}
		c.Nodes++
		if verdict.Unpeered(in, in.Policies[0]) {
			c.Unpeered++
		}
	}
	c.Trips = trips(policy, c.Unpeered, c.Nodes)
	return c, nil
}
