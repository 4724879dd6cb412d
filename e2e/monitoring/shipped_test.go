package monitoring_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/peergate/peergate/e2e/controlplane/build"
	"github.com/peergate/peergate/routerclient/routertest"
)

// ruleGroups is the content of a file of rules, as Prometheus reads it and as a PrometheusRule's spec has it.
type ruleGroups struct {
	Groups []struct {
		Name  string `json:"name"`
		Rules []rule `json:"rules"`
	} `json:"groups"`
}

type rule struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	For         string            `json:"for,omitempty"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// readConfig reads a file of config/monitoring.
func readConfig(t *testing.T, elements ...string) []byte {
	t.Helper()
	path, err := build.Config(append([]string{"monitoring"}, elements...)...)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func shippedRules(t *testing.T) ruleGroups {
	t.Helper()
	var manifest struct {
		Spec ruleGroups `json:"spec"`
	}
	if err := yaml.Unmarshal(readConfig(t, "prometheus_rule.yaml"), &manifest); err != nil {
		t.Fatal(err)
	}
	return manifest.Spec
}

// panel is one of the dashboard, with what is drawn in it.
type panel struct {
	Title   string `json:"title"`
	Targets []struct {
		Expr string `json:"expr"`
	} `json:"targets"`
}

func shippedPanels(t *testing.T) []panel {
	t.Helper()
	var dashboard struct {
		Panels []panel `json:"panels"`
	}
	if err := json.Unmarshal(readConfig(t, "grafana", "peergate.json"), &dashboard); err != nil {
		t.Fatal(err)
	}
	return dashboard.Panels
}

// withIntervals puts durations for the variables that Grafana computes from the size of a panel.
func withIntervals(expr, rateInterval string) string {
	return strings.ReplaceAll(expr, "$__rate_interval", rateInterval)
}

// metric is a row of the table in docs/metrics.md, which a test of internal/metrics holds to the registry.
type metric struct {
	kind   string
	labels []string
}

func documentedMetrics(t *testing.T) map[string]metric {
	t.Helper()
	path, err := build.Config("..", "docs", "metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	metrics := map[string]metric{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| ([\\w, ]+) \\|").FindAllStringSubmatch(string(document), -1) {
		m := metric{kind: row[2]}
		if row[3] != "none" {
			m.labels = strings.Split(row[3], ", ")
		}
		metrics[row[1]] = m
	}
	return metrics
}

// program finds one of the Debian package prometheus.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		routertest.SkipOutsideCI(t, "no "+name+"; make deps installs it")
	}
	return path
}
