package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) metav1.Time { return metav1.NewTime(now.Add(-d)) }

// message is what package verdict writes in a situation, as its own golden file has it.
func message(t testing.TB, situation string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "verdict", "testdata", situation+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(content), "\n")
}

var own = corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}

type change func(*corev1.Node)

func node(name string, changes ...change) corev1.Node {
	n := corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: name, CreationTimestamp: ago(59 * 24 * time.Hour), Labels: map[string]string{"rack": "1"}, Annotations: map[string]string{},
	}}
	n.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.168.3.33"}}
	for _, c := range changes {
		c(&n)
	}
	return n
}

func tainted(since time.Duration) change {
	return func(n *corev1.Node) {
		at := ago(since)
		t := own
		t.TimeAdded = &at
		n.Spec.Taints = append(n.Spec.Taints, t)
	}
}

func says(t testing.TB, status corev1.ConditionStatus, reason, situation string, since time.Duration) change {
	return func(n *corev1.Node) {
		n.Status.Conditions = []corev1.NodeCondition{{
			Type: v1alpha1.NodeConditionBGPPeered, Status: status, Reason: reason, Message: message(t, situation),
			LastTransitionTime: ago(since), LastHeartbeatTime: ago(since / 2),
		}}
	}
}

func annotated(key, value string) change { return func(n *corev1.Node) { n.Annotations[key] = value } }

func confirmed(n *corev1.Node) { annotated(v1alpha1.AnnotationConfirmedAt, "2026-02-01T08:00:00Z")(n) }

func rack(name string) change { return func(n *corev1.Node) { n.Labels["rack"] = name } }

func router(name string, changes ...func(*v1alpha1.BGPRouter)) v1alpha1.BGPRouter {
	r := v1alpha1.BGPRouter{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: ago(time.Hour * 2000)}}
	r.Spec = v1alpha1.BGPRouterSpec{
		Address: "192.168.3.1", Platform: "EdgeOS", VRF: "default",
		NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"rack": "1"}},
		Poll: v1alpha1.PollSpec{
			Interval: metav1.Duration{Duration: 30 * time.Second}, FastInterval: metav1.Duration{Duration: time.Second},
		},
	}
	r.Status = v1alpha1.BGPRouterStatus{
		RouterID: "192.168.3.1", LocalASN: 64512, Sessions: &v1alpha1.SessionCounts{Established: 3, Down: 1}, StrayNeighbors: new(int32(1)),
		Conditions: []metav1.Condition{{
			Type: v1alpha1.ConditionReachable, Status: metav1.ConditionTrue, Reason: "Answered", Message: "The router answers.",
			LastTransitionTime: ago(3 * time.Hour),
		}},
	}
	for _, c := range changes {
		c(&r)
	}
	return r
}

func silent(r *v1alpha1.BGPRouter) {
	at := ago(20 * time.Minute)
	r.Status.LastContact = &at
	r.Status.Conditions[0] = metav1.Condition{
		Type: v1alpha1.ConditionReachable, Status: metav1.ConditionFalse, Reason: "AuthenticationFailed",
		Message: "the router refused the login of peergate", LastTransitionTime: ago(20 * time.Minute),
	}
}

func inRack(name string) func(*v1alpha1.BGPRouter) {
	return func(r *v1alpha1.BGPRouter) { r.Spec.NodeSelector.MatchLabels["rack"] = name }
}

func policy(name string, changes ...func(*v1alpha1.PeeringPolicy)) v1alpha1.PeeringPolicy {
	half := intstr.FromString("50%")
	p := v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}}
	p.Spec = v1alpha1.PeeringPolicySpec{
		NodeSelector:   &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "rack", Operator: metav1.LabelSelectorOpExists}}},
		MinEstablished: intstr.FromString("100%"), Mode: v1alpha1.ModeContinuous, MaxUnpeered: &half,
		LossGracePeriod: &metav1.Duration{Duration: 150 * time.Second},
	}
	p.Status.Nodes = &v1alpha1.NodeCounts{Peered: 1, Held: 2, Lost: 1, Reported: 1}
	for _, c := range changes {
		c(&p)
	}
	return p
}

func guarding(p *v1alpha1.PeeringPolicy) {
	p.Status.Conditions = []metav1.Condition{{
		Type: v1alpha1.ConditionDisruptionGuard, Status: metav1.ConditionTrue, Reason: "TooManyUnpeered",
		Message: "3 of 5 nodes have lost their sessions, more than maxUnpeered (50%) allows: the router, or the way to it, is suspected, and no further node is tainted for it.",
	}}
}

func lease(renewed time.Duration) *coordinationv1.Lease {
	at := metav1.NewMicroTime(now.Add(-renewed))
	return &coordinationv1.Lease{Spec: coordinationv1.LeaseSpec{
		HolderIdentity: new("peergate-manager-7d9f_1"), RenewTime: &at, LeaseDurationSeconds: new(int32(15)),
	}}
}

// busy is a cluster with something of everything.
func busy(t testing.TB) report.Cluster {
	return report.Cluster{
		Namespace: "peergate-system", Taint: own, Lease: lease(2 * time.Second),
		Nodes: []corev1.Node{
			node("leviathan1", confirmed, says(t, corev1.ConditionTrue, "SessionEstablished", "peered", 20*24*time.Hour)),
			node("leviathan2", says(t, corev1.ConditionFalse, "NeighborNotConfigured", "reported-existing", 3*time.Hour)),
			node("leviathan3", tainted(12*time.Minute), says(t, corev1.ConditionFalse, "NeighborNotConfigured", "held-not-configured", 12*time.Minute)),
			node("leviathan4", annotated(v1alpha1.AnnotationExempt, "storage only, announces nothing"), says(t, corev1.ConditionTrue, "Exempt", "exempt", time.Hour)),
			node("leviathan5", tainted(time.Minute), says(t, corev1.ConditionFalse, "SessionDown", "held-session-down", time.Minute)),
			node("leviathan6", confirmed, tainted(time.Hour), says(t, corev1.ConditionFalse, "SessionDown", "lost", time.Hour)),
			node("leviathan7", confirmed, rack("2"), says(t, corev1.ConditionUnknown, "AuthenticationFailed", "unknown", 20*time.Minute)),
			node("leviathan8", tainted(time.Second)),
			node("spare", func(n *corev1.Node) { n.Labels = nil }),
		},
		Routers:  []v1alpha1.BGPRouter{router("edge"), router("tor-b", silent, inRack("2"))},
		Policies: []v1alpha1.PeeringPolicy{policy("default")},
	}
}

// healthy is a cluster that needs nobody.
func healthy(t testing.TB) report.Cluster {
	return report.Cluster{
		Namespace: "peergate-system", Taint: own, Lease: lease(2 * time.Second),
		Nodes:    []corev1.Node{node("leviathan1", confirmed, says(t, corev1.ConditionTrue, "SessionEstablished", "peered", time.Hour))},
		Routers:  []v1alpha1.BGPRouter{router("edge")},
		Policies: []v1alpha1.PeeringPolicy{policy("default")},
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
