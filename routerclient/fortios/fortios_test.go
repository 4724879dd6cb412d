package fortios_test

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/fortios"
)

const (
	getNeighbors  = "GET /api/v2/monitor/router/bgp/neighbors?vdom=*"
	getNeighbors6 = "GET /api/v2/monitor/router/bgp/neighbors6?vdom=*"
	getConfig     = "GET /api/v2/cmdb/router/bgp?vdom=*"
	showIPv4      = "get router info bgp summary"
	showIPv6      = "get router info6 bgp summary"
)

func overREST(runner routerclient.Runner) routerclient.Client {
	return fortios.New(runner, fortios.Options{Transport: fortios.REST})
}

func overSSH(runner routerclient.Runner) routerclient.Client {
	return fortios.New(runner, fortios.Options{Transport: fortios.SSH})
}

const (
	alwaysThere = "BGP cannot be stopped on FortiOS other than in its configuration"
	noPolicy    = "ZebOS accepts routes without a policy"
)

func TestConformanceREST(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New:      overREST,
		Testdata: "testdata/rest",
		NotApplicable: map[string]string{
			"not_running": alwaysThere, "policy_blocked": noPolicy, "banner": "an HTTP answer has nothing before it",
		},
	})
}

func TestConformanceSSH(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New:      overSSH,
		Testdata: "testdata/ssh",
		NotApplicable: map[string]string{
			"not_running": alwaysThere, "policy_blocked": noPolicy,
			"vrf":     "SSH shows the account's own VDOM only",
			"dynamic": "the summary does not show which neighbors are dynamic, nor the ranges",
		},
		Captures: []conformance.Capture{{
			Answers: map[string]string{showIPv4: "fortios/get_router_info_bgp_summary.txt", showIPv6: ""},
			Truth:   conformance.TextFSMTruth("fortios/get_router_info_bgp_summary.truth.yml"),
		}},
	})
}

func TestRemedy(t *testing.T) {
	t.Parallel()
	plain := routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), VRF: "default", LocalASN: 64512, RemoteASN: 64513}
	red, grouped, grouped6, unknown := plain, plain, plain, plain
	red.VRF = "red"
	grouped.PeerGroup = "k8s"
	grouped6.PeerGroup, grouped6.Peer = "k8s", netip.MustParseAddr("fd00::33")
	unknown.RemoteASN = 0
	const (
		vdoms  = "If VDOMs are enabled, begin with: config vdom, edit root. "
		subnet = "To accept all nodes of a subnet instead, once and for all: "
		limit  = " The group needs a remote-as; if no node comes up, set max-neighbor-num of the range as well."
		ipv4   = subnet + "config neighbor-range, edit 0, set prefix <subnet> <netmask>, set neighbor-group "
		ipv6   = subnet + "config neighbor-range6, edit 0, set prefix6 <subnet>, set neighbor-group "
	)
	for name, test := range map[string]struct {
		missing routerclient.Missing
		want    routerclient.Remedy
	}{
		"in the root VDOM": {plain, routerclient.Remedy{
			Lines: []string{"config router bgp", "config neighbor", `edit "192.168.3.33"`, "set remote-as 64513", "next", "end", "end"},
			Note:  vdoms + ipv4 + `"<peer group>".` + limit,
		}},
		"in another VDOM": {red, routerclient.Remedy{
			Lines: []string{"config vdom", "edit red", "config router bgp", "config neighbor", `edit "192.168.3.33"`, "set remote-as 64513", "next", "end", "end", "end"},
			Note:  ipv4 + `"<peer group>".` + limit,
		}},
		"siblings in a group": {grouped, routerclient.Remedy{
			Lines: []string{"config router bgp", "config neighbor-range", "edit 0", "set prefix 192.168.3.33 255.255.255.255", `set neighbor-group "k8s"`, "next", "end", "end"},
			Note:  vdoms + ipv4 + `"k8s".` + limit,
		}},
		"siblings in a group, IPv6": {grouped6, routerclient.Remedy{
			Lines: []string{"config router bgp", "config neighbor-range6", "edit 0", "set prefix6 fd00::33/128", `set neighbor-group "k8s"`, "next", "end", "end"},
			Note:  vdoms + ipv6 + `"k8s".` + limit,
		}},
		"unknown ASN": {unknown, routerclient.Remedy{
			Lines: []string{"config router bgp", "config neighbor", `edit "192.168.3.33"`, "set remote-as <ASN of the nodes>", "next", "end", "end"},
			Note:  vdoms + ipv4 + `"<peer group>".` + limit + " Replace <ASN of the nodes> by the number.",
		}},
	} {
		if diff := cmp.Diff(test.want, fortios.Remedy(test.missing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// answers is a router that answers each command, over HTTP with status 200.
type answers map[string]string

func (a answers) Run(_ context.Context, command string) (routerclient.Output, error) {
	return routerclient.Output{Stdout: []byte(a[command]), ExitStatus: 200}, nil
}

func (answers) Close() error { return nil }

func recordings(f *testing.F, pattern string, add func(answer string)) {
	f.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		f.Fatalf("no recordings %s: %v", pattern, err)
	}
	for _, file := range files {
		answer, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		add(string(answer))
	}
}

func FuzzREST(f *testing.F) {
	const (
		neighbors = `[{"results":[{"neighbor_ip":"192.0.2.1","remote_as":1,"admin_status":true,"state":"Established"}],"vdom":"root"}]`
		config    = `[{"results":{"as":1,"neighbor":[{"ip":"192.0.2.1"}]},"vdom":"root"}]`
	)
	recordings(f, "testdata/rest/*/0[12].stdout", func(answer string) { f.Add(answer, neighbors, config) })
	recordings(f, "testdata/rest/*/03.stdout", func(answer string) { f.Add(neighbors, neighbors, answer) })
	f.Fuzz(func(t *testing.T, ipv4, ipv6, config string) {
		_, _ = conformance.Ask(t, overREST, answers{getNeighbors: ipv4, getNeighbors6: ipv6, getConfig: config})
	})
}

func FuzzSSH(f *testing.F) {
	recordings(f, "testdata/ssh/*/*.stdout", func(answer string) { f.Add(answer, answer) })
	f.Fuzz(func(t *testing.T, ipv4, ipv6 string) {
		_, _ = conformance.Ask(t, overSSH, answers{showIPv4: ipv4, showIPv6: ipv6})
	})
}

func BenchmarkREST(b *testing.B) {
	const largeTable = 5000
	neighbors, configured := make([]string, largeTable), make([]string, largeTable)
	for i := range largeTable {
		address := fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&0xff, i&0xff)
		neighbors[i] = fmt.Sprintf(`{"neighbor_ip":%q,"local_ip":"192.0.2.1","remote_as":64513,"admin_status":true,"state":"Established","type":"ipv4"}`, address)
		configured[i] = fmt.Sprintf(`{"ip":%q,"q_origin_key":%q,"activate":"enable","remote-as":64513,"shutdown":"disable"}`, address, address)
	}
	router := answers{
		getNeighbors:  `[{"results":[` + strings.Join(neighbors, ",") + `],"vdom":"root","status":"success"}]`,
		getNeighbors6: `[{"results":[],"vdom":"root","status":"success"}]`,
		getConfig:     `[{"results":{"as":64512,"neighbor":[` + strings.Join(configured, ",") + `]},"vdom":"root","status":"success"}]`,
	}
	client := overREST(router)
	b.SetBytes(int64(len(router[getNeighbors]) + len(router[getConfig])))
	b.ReportAllocs()
	for b.Loop() {
		if snapshot, err := client.Snapshot(b.Context()); err != nil || len(snapshot.Sessions) != largeTable {
			b.Fatal(err)
		}
	}
}
