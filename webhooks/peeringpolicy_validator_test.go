package webhooks

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/peergate/peergate/api/v1alpha1"
)

// TestFamiliesAreWarnedOf: a policy that some routers cannot satisfy is taken, and said to be one.
func TestFamiliesAreWarnedOf(t *testing.T) {
	warning := func(families string) admission.Warnings {
		return admission.Warnings{"spec.families: routers of FortiOS over HTTPS and SNMP do not say which address families a session carries: " +
			"they neither open a node for " + families + " nor close one"}
	}
	for families, want := range map[v1alpha1.Families]admission.Warnings{
		v1alpha1.FamiliesAny: nil, v1alpha1.FamiliesIPv4: warning("IPv4"), v1alpha1.FamiliesIPv6: warning("IPv6"), v1alpha1.FamiliesAll: warning("All"),
	} {
		policy := &v1alpha1.PeeringPolicy{
			ObjectMeta: metav1.ObjectMeta{Name: "default"},
			Spec:       v1alpha1.PeeringPolicySpec{MinEstablished: intstr.FromString("100%"), Families: families},
		}
		validator := PeeringPolicyValidator{}
		created, err := validator.ValidateCreate(t.Context(), policy)
		if err != nil {
			t.Errorf("%s: %v", families, err)
		}
		updated, err := validator.ValidateUpdate(t.Context(), &v1alpha1.PeeringPolicy{}, policy)
		if err != nil {
			t.Errorf("%s: %v", families, err)
		}
		for _, got := range []admission.Warnings{created, updated} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: warnings (-want +got):\n%s", families, diff)
			}
		}
	}
}
