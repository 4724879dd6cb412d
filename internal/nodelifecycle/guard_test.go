package nodelifecycle

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
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
				c, err := r.census(t.Context(), settings{routers: []v1alpha1.BGPRouter{*router}}, policy, censusAt.standsFor)
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

// TestReportsAreNotCountedOneByOne: a router that reports each session by itself has the nodes counted for the guard only
// once so many have turned that the guard may, too. Five of ten nodes may be lost.
func TestReportsAreNotCountedOneByOne(t *testing.T) {
	const nodes = 10
	for name, test := range map[string]struct {
		lost, turn int
		counted    bool
		guarded    bool
	}{
		"as many as may be lost": {lost: 3, turn: 2, counted: false, guarded: false},
		"one more":               {lost: 3, turn: 3, counted: true, guarded: true},
		"too many are left":      {lost: 8, turn: -2, counted: false, guarded: true},
		"one more comes back":    {lost: 8, turn: -3, counted: true, guarded: false},
		"all come back":          {lost: 10, turn: -10, counted: true, guarded: false},
	} {
		t.Run(name, func(t *testing.T) {
			lists := 0
			r := &Reconciler{
				Client: fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(lostNodes(now, nodes)...).WithObjects(policyAndRouter()...).
					WithInterceptorFuncs(counting(&lists)).Build(),
				Table: sessiontable.New(), Clock: clocktesting.NewFakePassiveClock(now),
			}
			objects := policyAndRouter()
			s := settings{routers: []v1alpha1.BGPRouter{*objects[1].(*v1alpha1.BGPRouter)}, policies: []v1alpha1.PeeringPolicy{*objects[0].(*v1alpha1.PeeringPolicy)}}
			guarded := func() bool {
				in := verdict.Input{Policies: []verdict.Policy{{Name: "default"}}}
				if err := r.guard(t.Context(), s, in); err != nil {
					t.Fatal(err)
				}
				return in.Policies[0].Guarded
			}
			answer := &routerclient.Snapshot{}
			for i := range nodes {
				answer.Sessions = append(answer.Sessions, sessionOf(i, i >= test.lost))
			}
			r.Table.Record("edge", sessiontable.Answer{
				Snapshot: answer, VRF: sessiontable.AnyVRF, AskedAt: now, AnsweredAt: now, StaleAfter: time.Minute,
			})
			guarded()
			lists = 0
			for i := range max(test.turn, -test.turn) {
				turned := test.lost + i
				if test.turn < 0 {
					turned = i
				}
				r.Table.Report("edge", sessiontable.Report{
					Session: sessionOf(turned, test.turn < 0), HeardAt: now, SaidAt: now, StaleAfter: time.Minute,
				})
			}
			if got := guarded(); got != test.guarded || (lists > 0) != test.counted {
				t.Errorf("guarded: %t, want %t; counted: %t, want %t", got, test.guarded, lists > 0, test.counted)
			}
			// The status gives the number itself.
			c, err := r.Census(t.Context(), &s.policies[0])
			if err != nil || c.Unpeered != test.lost+test.turn {
				t.Errorf("the census has %d without their sessions, want %d; %v", c.Unpeered, test.lost+test.turn, err)
			}
		})
	}
}

func sessionOf(node int, up bool) routerclient.Session {
	s := routerclient.Session{
		VRF: routerclient.DefaultVRF, Peer: netip.MustParseAddr(fmt.Sprintf("192.0.2.%d", node)), State: routerclient.Active,
	}
	if up {
		s.State = routerclient.Established
	}
	return s
}

// counting counts how often all nodes are listed.
func counting(lists *int) interceptor.Funcs {
	return interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			if _, ok := list.(*corev1.NodeList); ok {
				*lists++
			}
			return c.List(ctx, list, options...)
		},
	}
}
