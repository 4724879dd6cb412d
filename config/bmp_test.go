package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

const bmpService = "peergate-bmp"

// TestBMPServiceLeadsToTheLeader: the manager is told which Service to lead to itself, may do so, and knows where it is.
func TestBMPServiceLeadsToTheLeader(t *testing.T) {
	all := render(t, "testdata/bmp")
	service := find[*corev1.Service](t, all, bmpService)
	if len(service.Spec.Selector) > 0 {
		t.Errorf("it selects %v: every replica, of which one listens", service.Spec.Selector)
	}
	if service.Spec.ExternalTrafficPolicy != corev1.ServiceExternalTrafficPolicyLocal {
		t.Errorf("external traffic policy %q hides where routers connect from", service.Spec.ExternalTrafficPolicy)
	}
	pod := managerOf(t, all).Spec.Template.Spec
	if got := containerPort(t, pod, "bmp"); got != service.Spec.Ports[0].Port || service.Spec.Ports[0].Port != 1790 {
		t.Errorf("port %d of the Service, %d of the manager; want 1790, which is what it listens on", service.Spec.Ports[0].Port, got)
	}
	if !slices.Contains(pod.Containers[0].Args, "--bmp-service="+bmpService) {
		t.Errorf("arguments %v", pod.Containers[0].Args)
	}
	fields := map[string]string{}
	for _, e := range pod.Containers[0].Env {
		if e.ValueFrom != nil {
			fields[e.Name] = e.ValueFrom.FieldRef.FieldPath
		}
	}
	want := map[string]string{"POD_NAMESPACE": "metadata.namespace", "POD_IP": "status.podIP", "NODE_NAME": "spec.nodeName"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

func TestBMPRoleIsAboutTheServiceAlone(t *testing.T) {
	for _, rule := range find[*rbacv1.Role](t, render(t, "testdata/bmp"), bmpService).Rules {
		if !slices.Equal(rule.ResourceNames, []string{bmpService}) {
			t.Errorf("the manager may %v any of %v", rule.Verbs, rule.Resources)
		}
	}
}

func TestNetworkPolicyLetsRoutersIn(t *testing.T) {
	all := render(t, "testdata/bmp")
	pod := managerOf(t, all).Spec.Template
	policy := find[*networkingv1.NetworkPolicy](t, all, bmpService)
	if !selects(t, &policy.Spec.PodSelector, pod.Labels) {
		t.Error("does not select the pods of the manager")
	}
	if got := containerPort(t, pod.Spec, policy.Spec.Ingress[0].Ports[0].Port.StrVal); got != 1790 {
		t.Errorf("admits port %d", got)
	}
}

// TestBMPIsOff: whoever has no router that tells by itself has neither the Service nor the rights.
func TestBMPIsOff(t *testing.T) {
	for _, object := range render(t, "default") {
		if strings.Contains(object.GetName(), "bmp") {
			t.Errorf("%T %s is installed", object, object.GetName())
		}
	}
}
