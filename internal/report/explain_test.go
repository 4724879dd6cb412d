package report_test

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/report"
	"github.com/peergate/peergate/internal/terminal"
)

func explained(t *testing.T, c report.Cluster, name string, events ...eventsv1.Event) report.Explanation {
	t.Helper()
	e, ok := c.Explain(name, events, now)
	if !ok {
		t.Fatalf("there is no node %s", name)
	}
	return e
}

var told = []eventsv1.Event{
	{EventTime: metav1.NewMicroTime(now.Add(-30 * time.Hour)), Reason: "SessionDown", Note: "Held: the taint keeps pods away.\nMore."},
	{EventTime: metav1.NewMicroTime(now.Add(-12 * time.Minute)), Reason: "NeighborNotConfigured", Note: "Held: …",
		Series: &eventsv1.EventSeries{Count: 3, LastObservedTime: metav1.NewMicroTime(now.Add(-time.Minute))}},
}

func TestExplainPrints(t *testing.T) {
	one := func(n corev1.Node, policies ...v1alpha1.PeeringPolicy) report.Cluster {
		c := busy(t)
		c.Nodes = []corev1.Node{n}
		if len(policies) > 0 {
			c.Policies = policies
		}
		return c
	}
	mode := func(m v1alpha1.Mode) func(*v1alpha1.PeeringPolicy) {
		return func(p *v1alpha1.PeeringPolicy) { p.Spec.Mode = m }
	}
	families := func(f v1alpha1.Families) func(*v1alpha1.PeeringPolicy) {
		return func(p *v1alpha1.PeeringPolicy) { p.Spec.Families = f }
	}
	lost := func(changes ...change) corev1.Node {
		return node("n", append([]change{confirmed, says(t, corev1.ConditionFalse, "NeighborNotConfigured", "lost-within-grace", time.Minute)}, changes...)...)
	}
	twoRacks := func() report.Cluster {
		c := one(node("n", tainted(time.Minute), says(t, corev1.ConditionFalse, "NeighborNotConfigured", "held-two-routers", time.Minute)))
		c.Routers = []v1alpha1.BGPRouter{router("tor-a"), router("tor-b"), router("tor-new", func(r *v1alpha1.BGPRouter) {
			r.CreationTimestamp, r.Status = ago(time.Second), v1alpha1.BGPRouterStatus{}
		})}
		return c
	}
	byHand := func() report.Cluster {
		c := one(node("n", tainted(time.Minute), says(t, corev1.ConditionFalse, "NeighborNotConfigured", "held-not-configured", time.Minute)))
		c.Routers = []v1alpha1.BGPRouter{router("edge", func(r *v1alpha1.BGPRouter) { r.Spec.Platform = "BIRD" })}
		return c
	}
	unreachable := func() report.Cluster {
		c := one(node("n", confirmed, says(t, corev1.ConditionUnknown, "AuthenticationFailed", "unknown", time.Hour)))
		c.Routers = []v1alpha1.BGPRouter{router("edge", silent)}
		return c
	}
	tests := map[string]report.Cluster{
		"peered":           one(node("n", confirmed, says(t, corev1.ConditionTrue, "SessionEstablished", "peered", time.Hour))),
		"reported":         one(node("n", says(t, corev1.ConditionFalse, "NeighborNotConfigured", "reported-existing", time.Hour))),
		"exempt":           one(node("n", annotated(v1alpha1.AnnotationExempt, "storage"), says(t, corev1.ConditionTrue, "Exempt", "exempt", time.Hour))),
		"session-down":     one(node("n", tainted(time.Hour), says(t, corev1.ConditionFalse, "SessionDown", "held-session-down", time.Hour))),
		"settling":         one(node("n", tainted(time.Hour), says(t, corev1.ConditionFalse, "Settling", "held-settling", time.Minute))),
		"by-hand":          byHand(),
		"unreachable":      unreachable(),
		"within-grace":     one(lost()),
		"past-grace":       one(lost(says(t, corev1.ConditionFalse, "NeighborNotConfigured", "lost-within-grace", time.Hour))),
		"within-two":       one(lost(), policy("default"), policy("strict")),
		"guarded":          one(lost(says(t, corev1.ConditionFalse, "NeighborNotConfigured", "lost-guarded", time.Hour)), policy("default", guarding)),
		"bootstrap":        one(lost(says(t, corev1.ConditionFalse, "NeighborNotConfigured", "lost-bootstrap", time.Hour)), policy("default", mode(v1alpha1.ModeBootstrap))),
		"report-mode":      one(node("n", says(t, corev1.ConditionFalse, "NeighborNotConfigured", "reported-mode", time.Hour)), policy("default", mode(v1alpha1.ModeReport))),
		"no-router":        one(node("n", rack("9"), tainted(time.Minute), says(t, corev1.ConditionFalse, "NoRouter", "held-no-router", time.Minute))),
		"no-address":       one(node("n", tainted(time.Minute), says(t, corev1.ConditionFalse, "NoAddress", "held-no-address", time.Minute))),
		"admin-down":       one(node("n", tainted(time.Minute), says(t, corev1.ConditionFalse, "AdministrativelyDown", "held-admin-down", time.Minute))),
		"two-routers":      twoRacks(),
		"family":           one(node("n", tainted(time.Minute), says(t, corev1.ConditionFalse, "FamilyNotNegotiated", "held-family", time.Minute)), policy("default", families(v1alpha1.FamiliesIPv6))),
		"both-families":    one(node("n", tainted(time.Minute), says(t, corev1.ConditionUnknown, "FamilyUnknown", "held-family-unknown", time.Minute)), policy("default", families(v1alpha1.FamiliesAll))),
		"flapping":         one(node("n", confirmed, tainted(time.Minute), says(t, corev1.ConditionFalse, "Flapping", "lost-flapping-up", time.Minute))),
		"not-judged-yet":   one(node("n", tainted(time.Second))),
		"under-no-policy":  one(node("n", func(n *corev1.Node) { n.Labels = nil })),
		"orphaned-taint":   one(node("n", tainted(time.Hour), func(n *corev1.Node) { n.Labels = nil })),
		"policy-with-wait": one(node("n", tainted(time.Hour)), policy("default", func(p *v1alpha1.PeeringPolicy) { p.Spec.ReleaseAfter.Duration = 30 * time.Second })),
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			golden(t, "explain-"+name+".txt", printed(t, explained(t, c, "n"), "", terminal.Style{}))
		})
	}
	held := explained(t, busy(t), "leviathan3", told...)
	golden(t, "explain-held.txt", printed(t, held, "", terminal.Style{}))
	golden(t, "explain-held.json", printed(t, held, "json", terminal.Style{}))
	golden(t, "explain-held.yaml", printed(t, held, "yaml", terminal.Style{}))
}

// TestRouterThatIsNew to the node: its selector takes it since a moment ago, and the condition is still about another.
func TestRouterThatIsNew(t *testing.T) {
	c := busy(t)
	c.Nodes[0].Labels["rack"] = "2"
	if says := explained(t, c, "leviathan1").Routers[0].Says; len(says) > 0 {
		t.Errorf("router tor-b, which was not asked about the node, is quoted: %q", says)
	}
}

// TestWhoIsNeededForANode: a script that waits for a node must not be told that all is well with one that nobody judges.
func TestWhoIsNeededForANode(t *testing.T) {
	tests := map[string]struct {
		state  change
		router func(*v1alpha1.BGPRouter)
		leads  bool
		want   bool
	}{
		"held, its router is silent":   {says(t, corev1.ConditionUnknown, "AuthenticationFailed", "unknown", time.Minute), silent, true, true},
		"held, nobody leads":           {says(t, corev1.ConditionFalse, "SessionDown", "held-session-down", time.Minute), func(*v1alpha1.BGPRouter) {}, false, true},
		"held, its session comes up":   {says(t, corev1.ConditionFalse, "SessionDown", "held-session-down", time.Minute), func(*v1alpha1.BGPRouter) {}, true, false},
		"peered, its router is silent": {says(t, corev1.ConditionTrue, "SessionEstablished", "peered", time.Hour), silent, true, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := busy(t)
			changes := []change{test.state}
			if strings.HasPrefix(name, "held") {
				changes = append(changes, tainted(time.Minute))
			}
			c.Nodes, c.Routers = []corev1.Node{node("n", changes...)}, []v1alpha1.BGPRouter{router("edge", test.router)}
			if !test.leads {
				c.Lease = lease(time.Hour)
			}
			if e := explained(t, c, "n"); e.NeedsPerson != test.want || e.Healthy() == test.want {
				t.Errorf("it needs a person: %t, want %t", e.NeedsPerson, test.want)
			}
		})
	}
}

func TestExplainUnknownNode(t *testing.T) {
	if _, ok := busy(t).Explain("nobody", nil, now); ok {
		t.Error("a node that is not there is explained")
	}
}

// TestEventsThatMayNotBeRead: what is missing is said, and the rest is there.
func TestEventsThatMayNotBeRead(t *testing.T) {
	e := explained(t, busy(t), "leviathan3")
	e.EventsUnknown = "you lack the verb list on events.events.k8s.io in namespace default"
	text := printed(t, e, "", terminal.Style{})
	if !strings.Contains(text, "Events: not known: you lack the verb list") || !strings.Contains(text, "set protocols bgp") {
		t.Errorf("the explanation without Events:\n%s", text)
	}
}
