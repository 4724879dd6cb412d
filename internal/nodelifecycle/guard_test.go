package nodelifecycle

import (
	"testing"

	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/routerclient"
)

// TestCensusIsKept: nodes that are lost together are counted once, and anew as soon as anything is different that a count
// depends on. The three nodes lack their sessions.
func TestCensusIsKept(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*Reconciler, *v1alpha1.PeeringPolicy, *v1alpha1.BGPRouter)
		counted bool
	}{
		"nothing": {func(*Reconciler, *v1alpha1.PeeringPolicy, *v1alpha1.BGPRouter) {}, false},
		"an answer": {func(r *Reconciler, _ *v1alpha1.PeeringPolicy, _ *v1alpha1.BGPRouter) {
			answered(r.Table, now, routerclient.Idle)
		}, true},
		"a router is forgotten": {func(r *Reconciler, _ *v1alpha1.PeeringPolicy, _ *v1alpha1.BGPRouter) { r.Table.Forget("edge") }, true},
		"a second later": {func(r *Reconciler, _ *v1alpha1.PeeringPolicy, _ *v1alpha1.BGPRouter) {
			r.Clock.(*clocktesting.FakePassiveClock).SetTime(now.Add(censusAge))
		}, true},
		"the policy is edited":     {func(_ *Reconciler, p *v1alpha1.PeeringPolicy, _ *v1alpha1.BGPRouter) { p.Generation++ }, true},
		"the policy is another":    {func(_ *Reconciler, p *v1alpha1.PeeringPolicy, _ *v1alpha1.BGPRouter) { p.UID = "another" }, true},
		"a router is edited":       {func(_ *Reconciler, _ *v1alpha1.PeeringPolicy, r *v1alpha1.BGPRouter) { r.Generation++ }, true},
		"a router is another":      {func(_ *Reconciler, _ *v1alpha1.PeeringPolicy, r *v1alpha1.BGPRouter) { r.UID = "another" }, true},
		"a router of another name": {func(_ *Reconciler, _ *v1alpha1.PeeringPolicy, r *v1alpha1.BGPRouter) { r.Name = "core" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			nodes := lostNodes(now, 3)
			r := &Reconciler{
				Client: fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(nodes...).Build(),
				Table:  sessiontable.New(), Clock: clocktesting.NewFakePassiveClock(now),
			}
			objects := policyAndRouter()
			policy, router := objects[0].(*v1alpha1.PeeringPolicy), objects[1].(*v1alpha1.BGPRouter)
			answered(r.Table, now, routerclient.Idle)
			count := func() int {
				c, err := r.census(t.Context(), settings{routers: []v1alpha1.BGPRouter{*router}}, policy)
				if err != nil {
					t.Fatal(err)
				}
				return c.Nodes
			}
			if got := count(); got != 3 {
				t.Fatalf("%d nodes, want 3", got)
			}
			if err := r.Client.Delete(t.Context(), nodes[0]); err != nil {
				t.Fatal(err)
			}
			test.change(r, policy, router)
			if counted := count() == 2; counted != test.counted {
				t.Errorf("counted anew: %t, want %t", counted, test.counted)
			}
		})
	}
}
