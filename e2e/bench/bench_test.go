package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBrief runs the short plan, so that the program does not rot. It holds counts against their bounds, never times.
func TestBrief(t *testing.T) {
	silenceLibraries()
	r, err := brief.measure(t.Context(), "", t.Output())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := r.print(&out); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + out.String())
	if err := r.check(); err != nil {
		t.Error(err)
	}
	if svg, err := r.plot(); err != nil || !strings.Contains(string(svg), "polyline") {
		t.Errorf("the plot is %q, %v", svg, err)
	}
}

func TestRequests(t *testing.T) {
	const metrics = `# TYPE apiserver_request_total counter
apiserver_request_total{code="200",component="apiserver",resource="nodes",scope="resource",subresource="",verb="PATCH",version="v1"} 7
apiserver_request_total{code="422",component="apiserver",resource="nodes",scope="resource",subresource="",verb="PATCH",version="v1"} 2
apiserver_request_total{code="200",component="apiserver",resource="nodes",scope="resource",subresource="status",verb="PATCH",version="v1"} 1.2e+03
apiserver_request_total{code="201",component="apiserver",resource="nodes",scope="resource",subresource="",verb="POST",version="v1"} 9
apiserver_request_total{code="200",component="apiserver",resource="nodes",scope="cluster",subresource="",verb="LIST",version="v1"} 3
apiserver_request_total{code="201",component="apiserver",resource="events",scope="resource",subresource="",verb="POST",version="v1"} 4
apiserver_admission_webhook_request_total{code="200",name="node-taint.peergate.dev",operation="CREATE",rejected="false",type="admit"} 5
apiserver_admission_webhook_request_total{code="200",name="other.example.org",operation="CREATE",rejected="false",type="admit"} 6
`
	var got requests
	for line := range strings.Lines(metrics) {
		if err := got.add(strings.TrimSuffix(line, "\n")); err != nil {
			t.Fatal(err)
		}
	}
	want := requests{NodeSpec: 7, NodeStatus: 1200, NodeReads: 3, Refused: 2, Events: 4, Webhooks: 5}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestChoose(t *testing.T) {
	p := full
	if err := p.choose("storms,loss", "100,200"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"storms", "loss"}, p.only); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{100, 200}, p.sizes); diff != "" {
		t.Error(diff)
	}
	for _, wrong := range [][2]string{{"storm", ""}, {"", "many"}, {"", "0"}} {
		if err := p.choose(wrong[0], wrong[1]); err == nil {
			t.Errorf("-only %q -nodes %q are taken", wrong[0], wrong[1])
		}
	}
}

func TestHalve(t *testing.T) {
	for _, test := range []struct {
		all  []int
		want cpus
		says string
	}{
		{[]int{3}, cpus{ControlPlane: []int{3}, Rest: []int{3}}, "one core for all"},
		{[]int{0, 1}, cpus{ControlPlane: []int{0}, Rest: []int{1}}, "1 of 2 cores for the control plane"},
		{[]int{0, 1, 4, 5, 6}, cpus{ControlPlane: []int{0, 1}, Rest: []int{4, 5, 6}}, "2 of 5 cores for the control plane"},
	} {
		got := halve(test.all)
		if diff := cmp.Diff(test.want, got); diff != "" || got.String() != test.says {
			t.Errorf("halves of %v: %s (-want +got):\n%s", test.all, got, diff)
		}
	}
}
