package config_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// serviceMonitor and prometheusRule are what is used of the kinds of the Prometheus operator, whose module would bring
// more than all the rest of this one.
type (
	serviceMonitor struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              struct {
			Selector  metav1.LabelSelector `json:"selector"`
			Endpoints []struct {
				Port            string `json:"port"`
				Scheme          string `json:"scheme"`
				Interval        string `json:"interval"`
				HonorLabels     bool   `json:"honorLabels"`
				BearerTokenFile string `json:"bearerTokenFile"`
				TLSConfig       struct {
					ServerName string `json:"serverName"`
					CA         struct {
						Secret corev1.SecretKeySelector `json:"secret"`
					} `json:"ca"`
				} `json:"tlsConfig"`
			} `json:"endpoints"`
		} `json:"spec"`
	}
	prometheusRule struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              struct {
			Groups []struct {
				Name  string         `json:"name"`
				Rules []alertingRule `json:"rules"`
			} `json:"groups"`
		} `json:"spec"`
	}
	alertingRule struct {
		Alert       string            `json:"alert"`
		Expr        string            `json:"expr"`
		For         string            `json:"for"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	}
)

// renderMonitoring reads one object of the kustomization that uses the component, and fails on a field that its type has
// not.
func renderMonitoring(t *testing.T, kind, name string, into any) {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), "testdata/monitoring")
	if err != nil {
		t.Fatalf("building testdata/monitoring: %v", err)
	}
	for _, resource := range resources.Resources() {
		if resource.GetKind() != kind || resource.GetName() != name {
			continue
		}
		manifest, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict(manifest, into); err != nil {
			t.Fatalf("decoding %s %s: %v", kind, name, err)
		}
		return
	}
	t.Fatalf("no %s %q", kind, name)
}

func TestServiceMonitorFindsTheMetrics(t *testing.T) {
	all := render(t, "default")
	service := find[*corev1.Service](t, all, "peergate-metrics")
	certificate := find[*certmanagerv1.Certificate](t, all, "peergate-webhook-cert")
	var monitor serviceMonitor
	renderMonitoring(t, "ServiceMonitor", "peergate", &monitor)

	if monitor.Namespace != service.Namespace {
		t.Errorf("it is in namespace %s, and looks for Services in its own", monitor.Namespace)
	}
	selector, err := metav1.LabelSelectorAsSelector(&monitor.Spec.Selector)
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range all {
		if s, ok := object.(*corev1.Service); ok && selector.Matches(labels.Set(s.Labels)) != (s.Name == service.Name) {
			t.Errorf("Service %s with labels %v: selected %t", s.Name, s.Labels, s.Name != service.Name)
		}
	}
	endpoint := monitor.Spec.Endpoints[0]
	if port := service.Spec.Ports[0].Name; endpoint.Port != port {
		t.Errorf("it scrapes port %q, the Service has %q", endpoint.Port, port)
	}
	if !slices.Contains(certificate.Spec.DNSNames, endpoint.TLSConfig.ServerName) {
		t.Errorf("it expects the certificate of %s, which is for %v", endpoint.TLSConfig.ServerName, certificate.Spec.DNSNames)
	}
	if ca := endpoint.TLSConfig.CA.Secret; ca.Name != certificate.Spec.SecretName || ca.Key != "ca.crt" {
		t.Errorf("it trusts key %s of Secret %s, not ca.crt of %s", ca.Key, ca.Name, certificate.Spec.SecretName)
	}
}

func TestEveryAlertSaysWhatToDo(t *testing.T) {
	var rules prometheusRule
	renderMonitoring(t, "PrometheusRule", "peergate", &rules)
	const runbooks = "https://github.com/peergate/peergate/blob/main/docs/runbooks.md#"
	var alerts []string
	for _, rule := range rules.Spec.Groups[0].Rules {
		alerts = append(alerts, rule.Alert)
		if severity := rule.Labels["severity"]; severity != "warning" && severity != "critical" {
			t.Errorf("%s has severity %q", rule.Alert, severity)
		}
		for _, annotation := range []string{"summary", "description"} {
			if rule.Annotations[annotation] == "" {
				t.Errorf("%s has no %s", rule.Alert, annotation)
			}
		}
		if got, want := rule.Annotations["runbook_url"], runbooks+strings.ToLower(rule.Alert); got != want {
			t.Errorf("the runbook of %s is %q, want %q", rule.Alert, got, want)
		}
	}
	document, err := os.ReadFile("../docs/runbooks.md")
	if err != nil {
		t.Fatal(err)
	}
	var sections []string
	for _, heading := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(string(document), -1) {
		sections = append(sections, heading[1])
	}
	if diff := cmp.Diff(alerts, sections); diff != "" {
		t.Errorf("docs/runbooks.md has not one section for each alert, in their order (-alerts +sections):\n%s", diff)
	}
}

func TestAlertKnowsTheTaint(t *testing.T) {
	var rules prometheusRule
	renderMonitoring(t, "PrometheusRule", "peergate", &rules)
	key := managerTaint(t, render(t, "default")).Key
	for _, rule := range rules.Spec.Groups[0].Rules {
		if strings.Contains(rule.Expr, "kube_node_spec_taint") && !strings.Contains(rule.Expr, `key="`+key+`"`) {
			t.Errorf("%s looks for another taint than %s: %s", rule.Alert, key, rule.Expr)
		}
	}
}

// TestOverlayOfTheDocument: the one that docs/metrics.md proposes builds, and labels what the operator looks for.
func TestOverlayOfTheDocument(t *testing.T) {
	document, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindSubmatch(document)
	if block == nil {
		t.Fatal("docs/metrics.md has no overlay")
	}
	dir := filepath.Join(t.TempDir(), "overlays", "mine")
	for _, part := range []string{"default", "monitoring", "crd", "rbac", "manager", "webhook", "certmanager"} {
		if err := os.CopyFS(filepath.Join(dir, "../..", part), os.DirFS(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "kustomization.yaml"), block[1], 0o600)); err != nil {
		t.Fatal(err)
	}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	labelled := map[string]bool{}
	for _, resource := range resources.Resources() {
		labelled[resource.GetKind()] = resource.GetLabels()["release"] == "kube-prometheus-stack"
	}
	if !labelled["ServiceMonitor"] || !labelled["PrometheusRule"] {
		t.Errorf("labelled are %v", labelled)
	}
}

func TestDashboardIsFoundByGrafana(t *testing.T) {
	var dashboards corev1.ConfigMap
	renderMonitoring(t, "ConfigMap", "peergate-dashboard", &dashboards)
	if dashboards.Labels["grafana_dashboard"] != "1" {
		t.Errorf("Grafana's sidecar looks for label grafana_dashboard, and it has %v", dashboards.Labels)
	}
	if !json.Valid([]byte(dashboards.Data["peergate.json"])) {
		t.Error("peergate.json is not JSON")
	}
}
