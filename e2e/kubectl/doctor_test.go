package kubectl_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/internal/doctor"
)

var errOpen = errors.New("it has no taint")

// examined are the findings of the doctor, by check.
func (p person) examined(checks ...string) map[string][]doctor.Finding {
	p.Helper()
	a := p.types(append([]string{"doctor", "-o", "json"}, checks...)...)
	var report doctor.Report
	if err := json.Unmarshal([]byte(a.out), &report); err != nil {
		p.Fatalf("reading what the doctor found: %v: %s", err, a)
	}
	if want := map[bool]int{true: 0, false: 2}[report.Healthy()]; a.code != want {
		p.Errorf("the exit code is %d, want %d", a.code, want)
	}
	found := map[string][]doctor.Finding{}
	for _, f := range report.Findings {
		found[f.Check] = append(found[f.Check], f)
	}
	return found
}

// level is what a check came to.
func level(found []doctor.Finding) (doctor.Level, string) {
	if len(found) == 0 {
		return "", "it was not made"
	}
	return found[0].Level, found[0].Message
}

// TestDoctorOfAnInstallation: on what is shipped, every check of it is made, and finds nothing. Whether its pods run is
// not among them: the replicas are processes here.
func TestDoctorOfAnInstallation(t *testing.T) {
	s := suite.New(t)
	s.Policy()
	router := s.NewRouter()
	s.Declare(router)
	s.Join("patient", "192.168.34.1")
	s.EventuallySays("patient", corev1.ConditionFalse, "NeighborNotConfigured")
	// Only now, or the router would have been seen with a neighbor that is no node.
	router.Set("192.168.34.1", "Established")
	s.EventuallySays("patient", corev1.ConditionTrue, "SessionEstablished")

	ours := []string{
		"definitions", "rbac", "certificate", "webhooks", "node-identity", "reachability", "taint", "clocks", "speakers",
		"routers", "idle-routers", "unserved-nodes", "stray-neighbors", "disruption-guard", "idle-policies",
		"overlapping-policies", "orphaned-taints", "cluster-autoscaler", "karpenter", "descheduler",
	}
	found := admin(s).examined()
	for _, check := range ours {
		if got, message := level(found[check]); got != doctor.OK {
			t.Errorf("to an administrator, %s is %s: %s", check, got, message)
		}
	}
	found = user(s, "doctor", "peergate-cli").examined()
	for _, check := range ours {
		if check == "reachability" {
			continue // a dry run takes the right to create nodes
		}
		if got, message := level(found[check]); got != doctor.OK {
			t.Errorf("to who may only read, %s is %s: %s", check, got, message)
		}
	}
}

// TestDoctorNamesTheRight: a check that cannot be made says which right is missing, and the others are made.
func TestDoctorNamesTheRight(t *testing.T) {
	s := suite.New(t)
	reader := user(s, "reader", "peergate-cli")
	s.Create(&appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "descheduler"},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "descheduler"}},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "descheduler"}},
				Spec: corev1.PodSpec{
					Containers: []corev1.Container{{Name: "descheduler", Image: "registry.k8s.io/descheduler/descheduler:v0.34.0"}},
					Volumes: []corev1.Volume{{Name: "policy", VolumeSource: corev1.VolumeSource{
						ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "descheduler"}},
					}}},
				},
			},
		},
	})
	got, message := level(reader.examined("descheduler")["descheduler"])
	if got != doctor.Unchecked || !strings.Contains(message, "you lack the verb get on configmaps in namespace kube-system") {
		t.Errorf("without the right, the check is %s: %s", got, message)
	}
}

// TestDoctorFindsTheDeadlock: MetalLB's speaker as it is shipped does not tolerate the taint.
func TestDoctorFindsTheDeadlock(t *testing.T) {
	s := suite.New(t)
	labels := map[string]string{"app": "metallb", "component": "speaker"}
	s.Create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "metallb-system"}})
	s.Create(&appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: "metallb-system", Name: "speaker", Labels: labels},
		Spec: appsv1.DaemonSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "speaker", Image: "quay.io/metallb/speaker:v0.16.1"}}},
			},
		},
	})
	user(s, "installer", "peergate-cli").expects(2, []string{"DaemonSet metallb-system/speaker", "does not tolerate the taint bgp-unpeered"}, "doctor", "speakers")
}

// TestDoctorFindsWhatIsBroken breaks an installation, one thing after the other.
func TestDoctorFindsWhatIsBroken(t *testing.T) {
	s := suite.New(t)
	doc := admin(s)
	is := func(check string, want doctor.Level, words string) {
		t.Helper()
		var got doctor.Level
		var message string
		for _, f := range doc.examined(check)[check] {
			if got, message = f.Level, f.Message; strings.Contains(message, words) {
				break
			}
		}
		if got != want || !strings.Contains(message, words) {
			t.Errorf("%s is %s: %s; want %s with %q", check, got, message, want, words)
		}
	}
	s.WithoutManager(func() {
		is("reachability", doctor.Problem, "the taint")
		doc.expects(2, []string{"problem", "reachability"}, "doctor", "reachability")
	})
	is("reachability", doctor.OK, "got the taint")

	withoutBinding(s, func() { is("rbac", doctor.Problem, "may not list nodes") })
	s.Declare(s.NewRouter(), story.Named("nowhere"), story.OfLabel("rack", "nowhere"))
	is("idle-routers", doctor.Warning, "router nowhere serves no node")
	s.Policy()
	is("idle-policies", doctor.Warning, "policy "+s.ID+" selects no node")
	s.Join("alone", "192.168.35.1")
	is("unserved-nodes", doctor.Problem, "takes node alone")
}

// withoutBinding calls f while the manager has none of its rights in the cluster.
func withoutBinding(s *story.Story, f func()) {
	s.Helper()
	binding := &rbacv1.ClusterRoleBinding{}
	if err := s.Client.Get(s.Context(), client.ObjectKey{Name: "peergate-manager"}, binding); err != nil {
		s.Fatal(err)
	}
	if err := s.Client.Delete(s.Context(), binding); err != nil {
		s.Fatal(err)
	}
	defer func() {
		binding.ResourceVersion, binding.UID = "", ""
		if err := s.Client.Create(s.Context(), binding); err != nil {
			s.Error(err)
		}
	}()
	f()
}
