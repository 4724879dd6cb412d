package monitoring_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// others are the metrics of others that the rules read.
var others = map[string]metric{
	// https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/cluster/node-metrics.md
	"kube_node_spec_taint": {kind: "gauge", labels: []string{"node", "key", "value", "effect"}},
	// Package k8s.io/apiserver/pkg/admission/metrics; a test of e2e/outage reads it of a real API server.
	"apiserver_admission_webhook_fail_open_count": {kind: "counter", labels: []string{"name", "type"}},
}

// targetLabels are those that Prometheus adds to what it scrapes.
var targetLabels = []string{"instance", "job", "namespace", "pod", "service"}

func TestDashboardQueriesReadWhatThereIs(t *testing.T) {
	known := documentedMetrics(t)
	for _, p := range shippedPanels(t) {
		if len(p.Targets) == 0 {
			t.Errorf("panel %q has no query", p.Title)
		}
		for _, target := range p.Targets {
			if err := check(withIntervals(target.Expr, "1m"), known); err != nil {
				t.Errorf("panel %q: %s: %v", p.Title, target.Expr, err)
			}
		}
	}
}

func TestAlertsReadWhatThereIs(t *testing.T) {
	known := documentedMetrics(t)
	maps.Copy(known, others)
	for _, group := range shippedRules(t).Groups {
		for _, rule := range group.Rules {
			if err := check(rule.Expr, known); err != nil {
				t.Errorf("%s: %s: %v", rule.Alert, rule.Expr, err)
			}
		}
	}
}

// TestEveryMetricIsShown: a metric that neither the dashboard nor an alert reads is one too many.
func TestEveryMetricIsShown(t *testing.T) {
	var read strings.Builder
	for _, p := range shippedPanels(t) {
		for _, target := range p.Targets {
			read.WriteString(target.Expr + "\n")
		}
	}
	for name := range documentedMetrics(t) {
		if !strings.Contains(read.String(), name) {
			t.Errorf("no panel shows %s", name)
		}
	}
}

// check says what is wrong with a query: its grammar, or that it reads a metric or a label that there is not.
func check(query string, known map[string]metric) error {
	expr, err := parser.ParseExpr(query)
	if err != nil {
		return err
	}
	var problems []error
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			problems = append(problems, checkSelector(n, known))
		case *parser.AggregateExpr:
			problems = append(problems, checkGrouping(n, known))
		}
		return nil
	})
	return errors.Join(problems...)
}

func checkSelector(s *parser.VectorSelector, known map[string]metric) error {
	has, ok := labelsOf(s.Name, known)
	if !ok {
		return fmt.Errorf("there is no metric %s", s.Name)
	}
	for _, matcher := range s.LabelMatchers {
		if matcher.Name != model.MetricNameLabel && !slices.Contains(has, matcher.Name) {
			return fmt.Errorf("%s has no label %s", s.Name, matcher.Name)
		}
	}
	return nil
}

// checkGrouping looks whether every metric that is aggregated has the labels that it is aggregated by.
func checkGrouping(a *parser.AggregateExpr, known map[string]metric) error {
	var problems []error
	parser.Inspect(a.Expr, func(node parser.Node, _ []parser.Node) error {
		s, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		has, _ := labelsOf(s.Name, known)
		for _, label := range a.Grouping {
			if !slices.Contains(has, label) {
				problems = append(problems, fmt.Errorf("%s has no label %s to aggregate by", s.Name, label))
			}
		}
		return nil
	})
	return errors.Join(problems...)
}

// labelsOf are the labels of a series: for a histogram, of one of those that it consists of.
func labelsOf(series string, known map[string]metric) (has []string, ok bool) {
	if m, ok := known[series]; ok {
		return slices.Concat(m.labels, targetLabels), m.kind != "histogram"
	}
	for _, suffix := range []string{"_bucket", "_count", "_sum"} {
		base, ok := strings.CutSuffix(series, suffix)
		if m, isKnown := known[base]; ok && isKnown && m.kind == "histogram" {
			has = slices.Concat(m.labels, targetLabels)
			if suffix == "_bucket" {
				has = append(has, "le")
			}
			return has, true
		}
	}
	return nil, false
}

func TestCheckFindsMistakes(t *testing.T) {
	known := map[string]metric{
		"nodes":   {kind: "gauge", labels: []string{"state"}},
		"seconds": {kind: "histogram"},
	}
	for query, problem := range map[string]string{
		`max by (state) (nodes{state="held"}) > 0`:                        "",
		`histogram_quantile(0.5, sum by (le) (rate(seconds_bucket[5m])))`: "",
		`nodes{`:                      "unexpected",
		`max(hosts)`:                  "there is no metric hosts",
		`nodes{status="held"}`:        "nodes has no label status",
		`sum by (router) (nodes)`:     "nodes has no label router to aggregate by",
		`rate(seconds[5m])`:           "there is no metric seconds",
		`sum by (le) (seconds_count)`: "seconds_count has no label le",
		`rate(nodes_bucket[5m])`:      "there is no metric nodes_bucket",
	} {
		err := check(query, known)
		if (err == nil) != (problem == "") || (err != nil && !strings.Contains(err.Error(), problem)) {
			t.Errorf("%s: %v, want %q", query, err, problem)
		}
	}
}
