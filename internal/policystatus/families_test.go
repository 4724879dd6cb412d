package policystatus

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
)

func TestSilentOnFamilies(t *testing.T) {
	router := func(name, platform, transport string) v1alpha1.BGPRouter {
		return v1alpha1.BGPRouter{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.BGPRouterSpec{Platform: platform, Transport: transport},
		}
	}
	got := silentOnFamilies([]v1alpha1.BGPRouter{
		router("switch", "SNMP", ""), router("edge", "FRR", ""), router("firewall", "FortiOS", ""),
		router("firewall-ssh", "FortiOS", "SSH"), router("to-come", "Unknown", ""), router("wrong", "FRR", "SNMP"),
	})
	if diff := cmp.Diff([]string{"firewall", "switch"}, got); diff != "" {
		t.Errorf("routers (-want +got):\n%s", diff)
	}
}

func TestFamiliesKnown(t *testing.T) {
	const words = "Of platforms that do not say which address families a session carries: "
	many := make([]string, 0, 7)
	for i := range 7 {
		many = append(many, fmt.Sprintf("r%d", i))
	}
	for name, test := range map[string]struct {
		silent  []string
		status  metav1.ConditionStatus
		message string
	}{
		"none": {nil, metav1.ConditionTrue, "Every router is of a platform that says which address families a session carries."},
		"two":  {many[:2], metav1.ConditionFalse, words + "r0, r1. They neither open a node for this policy nor close one."},
		"five": {many[:5], metav1.ConditionFalse, words + "r0, r1, r2, r3, r4. They neither open a node for this policy nor close one."},
		"many": {many, metav1.ConditionFalse, words + "r0, r1, r2, r3, r4 and 2 more. They neither open a node for this policy nor close one."},
	} {
		t.Run(name, func(t *testing.T) {
			got := familiesKnown(&v1alpha1.PeeringPolicy{}, test.silent)
			if got.Status != test.status || got.Message != test.message {
				t.Errorf("%s: %s", got.Status, got.Message)
			}
		})
	}
}

// TestOnlyTheChoosyAreTold: a policy has the condition for as long as it wants certain families, and a router that changes
// brings back those that do.
func TestOnlyTheChoosyAreTold(t *testing.T) {
	router := &v1alpha1.BGPRouter{ObjectMeta: metav1.ObjectMeta{Name: "switch"}, Spec: v1alpha1.BGPRouterSpec{Platform: "SNMP"}}
	d := newDesk(t, router)
	for _, step := range []struct {
		families v1alpha1.Families
		status   metav1.ConditionStatus
		asked    int
	}{
		{"", "", 0}, // a policy that was created without defaults
		{v1alpha1.FamiliesAny, "", 0},
		{v1alpha1.FamiliesIPv6, metav1.ConditionFalse, 1},
		{v1alpha1.FamiliesAny, "", 0},
		{v1alpha1.FamiliesAll, metav1.ConditionFalse, 1},
	} {
		policy, err := d.stored()
		if err != nil {
			t.Fatal(err)
		}
		policy.Spec.Families = step.families
		if err := d.Client.Update(t.Context(), &policy); err != nil {
			t.Fatal(err)
		}
		var status metav1.ConditionStatus
		policy, _ = d.reconcile()
		if c := meta.FindStatusCondition(policy.Status.Conditions, v1alpha1.ConditionFamiliesKnown); c != nil {
			status = c.Status
		}
		if asked := d.choosyPolicies(t.Context(), router); status != step.status || len(asked) != step.asked {
			t.Errorf("families %q: condition %q, want %q; %v are asked again", step.families, status, step.status, asked)
		}
	}
}
