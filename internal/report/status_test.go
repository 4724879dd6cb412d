package report_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/access"
	"github.com/peergate/peergate/internal/report"
	"github.com/peergate/peergate/internal/terminal"
)

// printer is what every report is.
type printer interface {
	Print(io.Writer, report.View) error
}

func printed(t *testing.T, p printer, format string, style terminal.Style) string {
	t.Helper()
	var out bytes.Buffer
	if err := p.Print(&out, report.View{Format: format, Style: style, Now: now}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestStatusPrints(t *testing.T) {
	formats := map[string]string{"txt": "", "wide.txt": "wide", "json": "json", "yaml": "yaml", "name.txt": "name"}
	for ending, format := range formats {
		golden(t, "status-busy."+ending, printed(t, busy(t).Status(now), format, terminal.Style{}))
	}
	golden(t, "status-healthy.txt", printed(t, healthy(t).Status(now), "", terminal.Style{}))
	golden(t, "status-busy.colour.txt", printed(t, busy(t).Status(now), "", terminal.Style{Colour: true}))
	golden(t, "status-empty.txt", printed(t, report.Cluster{LeaseError: &access.Denied{Missing: []access.Right{access.Exempt}}}.Status(now), "", terminal.Style{}))
}

func TestRoutersPrint(t *testing.T) {
	all, _ := busy(t).RouterReport(nil)
	formats := map[string]string{"txt": "", "wide.txt": "wide", "json": "json", "yaml": "yaml", "name.txt": "name"}
	for ending, format := range formats {
		golden(t, "routers."+ending, printed(t, all, format, terminal.Style{}))
	}
	if all.Healthy() {
		t.Error("a router is silent, and a script is told that all is well")
	}
	one, _ := busy(t).RouterReport([]string{"edge"})
	if len(one.Items) != 1 || !one.Healthy() {
		t.Errorf("router edge alone is %+v, want one that is healthy", one.Items)
	}
	if _, missing := busy(t).RouterReport([]string{"edge", "none"}); missing != "none" {
		t.Errorf("the router that is missing is %q, want none", missing)
	}
}

// TestWhoIsNeeded holds what wakes a person, and in which order.
func TestWhoIsNeeded(t *testing.T) {
	held := func(reason, situation string, since time.Duration) report.Cluster {
		c := healthy(t)
		c.Nodes = append(c.Nodes, node("new", tainted(since), says(t, corev1.ConditionFalse, reason, situation, since)))
		return c
	}
	with := func(c report.Cluster, f func(*report.Cluster)) report.Cluster {
		f(&c)
		return c
	}
	tests := map[string]struct {
		cluster report.Cluster
		want    []string
	}{
		"nobody":                         {healthy(t), nil},
		"a line is missing, at once":     {held("NeighborNotConfigured", "held-not-configured", time.Second), []string{"Node/new"}},
		"a session comes up":             {held("SessionDown", "held-session-down", time.Minute), nil},
		"a session does not come up":     {held("SessionDown", "held-session-down", 6*time.Minute), []string{"Node/new"}},
		"a speaker that does not start":  {held("NotConnected", "held-listen-range", 6*time.Minute), []string{"Node/new"}},
		"a session settles":              {held("Settling", "held-settling", time.Hour), nil},
		"a session that flaps":           {held("Flapping", "lost-flapping-down", time.Second), []string{"Node/new"}},
		"a family is missing":            {held("FamilyNotNegotiated", "held-family", time.Second), []string{"Node/new"}},
		"no router":                      {held("NoRouter", "held-no-router", time.Second), []string{"Node/new"}},
		"a router is silent, not a node": {held("RouterUnreachable", "held-unreachable", time.Hour), nil},
		"the guard, before all nodes": {with(busy(t), func(c *report.Cluster) { c.Policies = []v1alpha1.PeeringPolicy{policy("default", guarding)} }),
			[]string{"PeeringPolicy/default", "BGPRouter/tor-b", "Node/leviathan6", "Node/leviathan2", "Node/leviathan3"}},
		"no leader, before everything": {with(busy(t), func(c *report.Cluster) { c.Lease = lease(time.Hour) }),
			[]string{"Lease/peergate-manager", "BGPRouter/tor-b", "Node/leviathan6", "Node/leviathan2", "Node/leviathan3"}},
		"no lease to be read": {with(healthy(t), func(c *report.Cluster) { c.Lease, c.LeaseError = nil, errors.New("refused") }), nil},
		"a taint that nobody takes away": {with(healthy(t), func(c *report.Cluster) {
			c.Nodes = append(c.Nodes, node("left", tainted(time.Hour), func(n *corev1.Node) { n.Labels = nil }))
		}), []string{"Node/left"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, u := range test.cluster.Status(now).NeedsPerson {
				got = append(got, u.Kind+"/"+u.Name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("what needs a person (-want +got):\n%s", diff)
			}
		})
	}
}

// TestManyNodesFitAScreen: a thousand lost nodes are one cause, and the command must stay readable.
func TestManyNodesFitAScreen(t *testing.T) {
	c := healthy(t)
	for i := range 1000 {
		c.Nodes = append(c.Nodes, node(fmt.Sprintf("node-%04d", i), confirmed, tainted(time.Hour), says(t, corev1.ConditionFalse, "SessionDown", "lost", time.Hour)))
	}
	text := printed(t, c.Status(now), "", terminal.Style{})
	if lines := bytes.Count([]byte(text), []byte("\n")); lines > 50 {
		t.Errorf("the status of 1000 lost nodes has %d lines", lines)
	}
	if !bytes.Contains([]byte(text), []byte("and 990 more of kind Node")) {
		t.Errorf("it does not say how many are left out:\n%s", text)
	}
}

func BenchmarkStatus(b *testing.B) {
	c := healthy(b)
	for i := range 5000 {
		c.Nodes = append(c.Nodes, node(fmt.Sprint(i), tainted(time.Hour), says(b, corev1.ConditionFalse, "SessionDown", "held-session-down", time.Hour)))
	}
	for b.Loop() {
		c.Status(now)
	}
}
