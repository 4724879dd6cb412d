package webhooks

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/api/v1alpha1"
)

// TestBMPNeedsAnAddress: whoever may connect for a router is known by address, and by nothing else.
func TestBMPNeedsAnAddress(t *testing.T) {
	tests := map[string]struct {
		address string
		sources []string
		want    string
	}{
		"an address":              {"192.168.3.1", nil, ""},
		"an address and a port":   {"[fd00::1]:22", nil, ""},
		"a name":                  {"edge.example.net", nil, "spec.bmp.sourceAddresses: Required value: spec.address is a host name"},
		"a name and a port":       {"edge:22", nil, "spec.bmp.sourceAddresses: Required value"},
		"a name and an address":   {"edge.example.net", []string{"192.168.3.1"}, ""},
		"a name for a source":     {"192.168.3.1", []string{"edge"}, "spec.bmp.sourceAddresses[0]: Invalid value"},
		"every address":           {"192.168.3.1", []string{"192.168.3.1", "0.0.0.0"}, "spec.bmp.sourceAddresses[1]: Invalid value"},
		"a group":                 {"192.168.3.1", []string{"ff02::1"}, "spec.bmp.sourceAddresses[0]: Invalid value"},
		"an address of one cable": {"192.168.3.1", []string{"fe80::1%eth0"}, "spec.bmp.sourceAddresses[0]: Invalid value"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			router := &v1alpha1.BGPRouter{Spec: v1alpha1.BGPRouterSpec{
				Address: test.address, Platform: "FRR", BMP: &v1alpha1.BMPSpec{SourceAddresses: test.sources},
			}}
			_, err := BGPRouterValidator{}.ValidateCreate(t.Context(), router)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// TestOldMistakesHoldNothingUp: what an earlier version took and this one does not can still be labelled and deleted.
func TestOldMistakesHoldNothingUp(t *testing.T) {
	router := &v1alpha1.BGPRouter{Spec: v1alpha1.BGPRouterSpec{Address: "192.168.3.256", Platform: "Quagga"}}
	labelled := router.DeepCopy()
	labelled.Labels = map[string]string{"rack": "a"}
	if _, err := (BGPRouterValidator{}).ValidateUpdate(t.Context(), router, labelled); err != nil {
		t.Errorf("labelling a router: %v", err)
	}
	labelled.Spec.Address = "192.168.3.1"
	if _, err := (BGPRouterValidator{}).ValidateUpdate(t.Context(), router, labelled); err == nil {
		t.Error("a change that leaves a router without a platform was taken")
	}

	policy := &v1alpha1.PeeringPolicy{
		ObjectMeta: metav1.ObjectMeta{Finalizers: []string{"example.org/wait"}},
		Spec:       v1alpha1.PeeringPolicySpec{MinEstablished: intstr.FromString("150%")},
	}
	released := policy.DeepCopy()
	released.Finalizers = nil
	if _, err := (PeeringPolicyValidator{}).ValidateUpdate(t.Context(), policy, released); err != nil {
		t.Errorf("taking a finalizer off a policy: %v", err)
	}
	released.Spec.Mode = v1alpha1.ModeReport
	if _, err := (PeeringPolicyValidator{}).ValidateUpdate(t.Context(), policy, released); err == nil {
		t.Error("a change that leaves a policy's share above 100% was taken")
	}
}
