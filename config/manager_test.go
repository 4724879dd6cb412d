package config_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/klog/v2"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/peergate/peergate/routerclient/platform"
)

func managerOf(t *testing.T, all objects) *appsv1.Deployment {
	t.Helper()
	return find[*appsv1.Deployment](t, all, "peergate-manager")
}

// managerTaint is the taint that the manager is told to set.
func managerTaint(t *testing.T, all objects) corev1.Taint {
	t.Helper()
	for _, arg := range managerOf(t, all).Spec.Template.Spec.Containers[0].Args {
		if taint, ok := strings.CutPrefix(arg, "--taint="); ok {
			key, effect, _ := strings.Cut(taint, ":")
			return corev1.Taint{Key: key, Effect: corev1.TaintEffect(effect)}
		}
	}
	t.Fatal("the manager has no flag --taint")
	return corev1.Taint{}
}

func TestManagerRunsWhereNodesAreNotOpenYet(t *testing.T) {
	all := render(t, "default")
	tolerations := managerOf(t, all).Spec.Template.Spec.Tolerations
	tests := map[string]struct {
		taint corev1.Taint
		want  bool
	}{
		"held by Peergate": {managerTaint(t, all), true},
		"control plane":    {corev1.Taint{Key: "node-role.kubernetes.io/control-plane", Effect: "NoSchedule"}, true},
		"not ready yet":    {corev1.Taint{Key: corev1.TaintNodeNotReady, Effect: "NoSchedule"}, true},
		"dead":             {corev1.Taint{Key: corev1.TaintNodeNotReady, Effect: "NoExecute"}, false},
		"cordoned":         {corev1.Taint{Key: corev1.TaintNodeUnschedulable, Effect: "NoSchedule"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := false
			for _, toleration := range tolerations {
				got = got || toleration.ToleratesTaint(klog.Background(), &test.taint, false)
			}
			if got != test.want {
				t.Errorf("tolerates %s: %t, want %t", test.taint.ToString(), got, test.want)
			}
		})
	}
}

func TestManagerSurvivesTheLossOfOneNode(t *testing.T) {
	all := render(t, "default")
	manager := managerOf(t, all)
	if got := *manager.Spec.Replicas; got != 2 {
		t.Errorf("%d replicas, want 2", got)
	}
	pod := manager.Spec.Template
	if got := pod.Spec.PriorityClassName; got != "system-cluster-critical" {
		t.Errorf("priority class %q", got)
	}
	spread := pod.Spec.TopologySpreadConstraints[0]
	if spread.TopologyKey != corev1.LabelHostname {
		t.Errorf("spread over %s first, want %s", spread.TopologyKey, corev1.LabelHostname)
	}
	budget := find[*policyv1.PodDisruptionBudget](t, all, "peergate-manager")
	if got := *budget.Spec.MaxUnavailable; got != intstr.FromInt32(1) {
		t.Errorf("disruption budget allows %s, want 1", got.String())
	}
	for name, selector := range map[string]*metav1.LabelSelector{
		"Deployment": manager.Spec.Selector, "PodDisruptionBudget": budget.Spec.Selector, "spread": spread.LabelSelector,
	} {
		if !selects(t, selector, pod.Labels) {
			t.Errorf("selector of the %s does not take the pods", name)
		}
	}
}

func selects(t *testing.T, selector *metav1.LabelSelector, podLabels map[string]string) bool {
	t.Helper()
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		t.Fatal(err)
	}
	return !parsed.Empty() && parsed.Matches(labels.Set(podLabels))
}

func TestManagerHasNoPrivileges(t *testing.T) {
	pod := managerOf(t, render(t, "default")).Spec.Template.Spec
	wantPod := &corev1.PodSecurityContext{
		RunAsNonRoot:   new(true),
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
	if diff := cmp.Diff(wantPod, pod.SecurityContext); diff != "" {
		t.Errorf("security context of the pod (-want +got):\n%s", diff)
	}
	wantContainer := &corev1.SecurityContext{
		AllowPrivilegeEscalation: new(false),
		ReadOnlyRootFilesystem:   new(true),
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
	if diff := cmp.Diff(wantContainer, pod.Containers[0].SecurityContext); diff != "" {
		t.Errorf("security context of the container (-want +got):\n%s", diff)
	}
}

func TestServicesLeadToTheManager(t *testing.T) {
	all := render(t, "default")
	pod := managerOf(t, all).Spec.Template
	tests := map[string]struct{ port, containerPort int32 }{
		"peergate-webhook": {443, 9443},
		"peergate-metrics": {8443, 8443},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			service := find[*corev1.Service](t, all, name)
			if !selects(t, &metav1.LabelSelector{MatchLabels: service.Spec.Selector}, pod.Labels) {
				t.Errorf("selector %v does not take the pods of the manager", service.Spec.Selector)
			}
			if got := service.Spec.Ports[0].Port; got != test.port {
				t.Errorf("port %d, want %d", got, test.port)
			}
			if got := containerPort(t, pod.Spec, service.Spec.Ports[0].TargetPort.StrVal); got != test.containerPort {
				t.Errorf("leads to port %d, want %d", got, test.containerPort)
			}
		})
	}
	for name, w := range webhooksOf(t, all) {
		service := find[*corev1.Service](t, all, w.Service.Name)
		if w.Service.Namespace != service.Namespace {
			t.Errorf("webhook %s calls namespace %s, its Service is in %s", name, w.Service.Namespace, service.Namespace)
		}
		if got := ptr.Deref(w.Service.Port, 443); got != service.Spec.Ports[0].Port {
			t.Errorf("webhook %s calls port %d, its Service has %d", name, got, service.Spec.Ports[0].Port)
		}
	}
}

func containerPort(t *testing.T, pod corev1.PodSpec, name string) int32 {
	t.Helper()
	for _, port := range pod.Containers[0].Ports {
		if port.Name == name {
			return port.ContainerPort
		}
	}
	t.Fatalf("the manager has no port %q", name)
	return 0
}

func TestNetworkPolicyIsForTheManager(t *testing.T) {
	all := render(t, "testdata/network-policy")
	pod := managerOf(t, all).Spec.Template
	policy := find[*networkingv1.NetworkPolicy](t, all, "peergate-manager")
	if !selects(t, &policy.Spec.PodSelector, pod.Labels) {
		t.Error("does not select the pods of the manager")
	}
	if want := []networkingv1.PolicyType{"Ingress", "Egress"}; !cmp.Equal(want, policy.Spec.PolicyTypes) {
		t.Errorf("is about %v, want %v", policy.Spec.PolicyTypes, want)
	}
	var admitted []int32
	for _, ingress := range policy.Spec.Ingress {
		for _, port := range ingress.Ports {
			admitted = append(admitted, containerPort(t, pod.Spec, port.Port.StrVal))
		}
	}
	if diff := cmp.Diff([]int32{9443, 8443}, admitted); diff != "" {
		t.Errorf("admitted ports (-want +got):\n%s", diff)
	}
}

// TestNetworkPolicyLeadsToEveryRouter: the ports of spec.address are optional, so that each transport's own must be open.
func TestNetworkPolicyLeadsToEveryRouter(t *testing.T) {
	policy := find[*networkingv1.NetworkPolicy](t, render(t, "testdata/network-policy"), "peergate-manager")
	open := map[string]bool{}
	for _, egress := range policy.Spec.Egress {
		for _, port := range egress.Ports {
			open[fmt.Sprint(port.Port.IntVal, "/", ptr.Deref(port.Protocol, corev1.ProtocolTCP))] = true
		}
	}
	ports := map[platform.Transport]string{platform.SSH: "22/TCP", platform.HTTPS: "443/TCP", platform.SNMP: "161/UDP"}
	for _, name := range platform.Names() {
		of, _ := platform.Lookup(name)
		for _, transport := range of.Transports {
			if !open[ports[transport]] {
				t.Errorf("%s cannot be asked over %s: port %q is not open", name, transport, ports[transport])
			}
		}
	}
}

// TestManagerServesUntilNobodyCalls: for a moment after a pod has been told to end, the API server may still be led to it.
func TestManagerServesUntilNobodyCalls(t *testing.T) {
	pod := managerOf(t, render(t, "default")).Spec.Template.Spec
	hook := pod.Containers[0].Lifecycle
	if hook == nil || hook.PreStop == nil || hook.PreStop.Sleep == nil {
		t.Fatal("the webhooks stop at once")
	}
	// controller-runtime gives what runs 30 s to end, and then gives up the lease.
	if left := ptr.Deref(pod.TerminationGracePeriodSeconds, 30) - hook.PreStop.Sleep.Seconds; left <= 30 {
		t.Errorf("%d seconds are left to end in", left)
	}
}

// TestImageOfOnesOwn: what README.md has people add is what the nodes pull.
func TestImageOfOnesOwn(t *testing.T) {
	fs := filesys.MakeFsInMemory()
	for _, name := range []string{"namespace.yaml", "deployment.yaml", "pod_disruption_budget.yaml", "metrics_service.yaml", "kustomization.yaml"} {
		content, err := os.ReadFile(filepath.Join("manager", name))
		if err != nil {
			t.Fatal(err)
		}
		const tag = "    newTag:"
		named := bytes.Replace(content, []byte(tag), []byte("    newName: registry.example.net/peergate\n"+tag), 1)
		if err := fs.WriteFile(name, named); err != nil {
			t.Fatal(err)
		}
	}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, ".")
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := resources.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	const want = "registry.example.net/peergate:v"
	if got := managerOf(t, decode(t, manifests)).Spec.Template.Spec.Containers[0].Image; !strings.HasPrefix(got, want) {
		t.Errorf("image %s, want %s…", got, want)
	}
}
