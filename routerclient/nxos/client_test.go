package nxos_test

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/nxos"
	"github.com/peergate/peergate/routerclient/replay"
)

const showDefaultNeighbors = `show bgp vrf default all neighbors | egrep "BGP neighbor is|prefix peering|router ID|BGP state|Last reset|Address family I"`

// family is the table of one address family of the default VRF: its count and its rows.
func family(count, rows string) string {
	return fmt.Sprintf(`{"TABLE_vrf": {"ROW_vrf": {"vrf-name-out": "default", "vrf-router-id": "192.0.2.1", "vrf-local-as": 64512,
		"TABLE_af": {"ROW_af": {"af-id": 1, "TABLE_saf": {"ROW_saf": {"safi": 1, "af-name": "IPv4 Unicast", %s
		"TABLE_neighbor": {"ROW_neighbor": [%s]}}}}}}}}`, count, rows)
}

func neighbor(id, state, time string) string {
	return fmt.Sprintf(`{"neighborid": %q, "neighboras": "64513", "time": %q, "state": %q, "prefixreceived": "3"}`, id, time, state)
}

func TestUnusable(t *testing.T) {
	const one, two = `"configuredpeers": 1,`, `"configuredpeers": "2",`
	good := neighbor("192.0.2.2", "Established", "6w3d")
	for name, test := range map[string]struct {
		answer string
		want   routerclient.Reason
	}{
		"a row lost":                {family(two, good), routerclient.ReasonAnswerTruncated},
		"a session lost":            {family(two+`"capablepeers": "2",`, good), routerclient.ReasonAnswerTruncated},
		"all rows lost":             {family(one+`"capablepeers": 1,`, ""), routerclient.ReasonAnswerTruncated},
		"a blank count":             {family(`"configuredpeers": "",`, good), routerclient.ReasonAnswerTruncated},
		"no count":                  {family("", good), routerclient.ReasonAnswerTruncated},
		"no VRF":                    {`{"TABLE_vrf": {"ROW_vrf": []}}`, routerclient.ReasonAnswerTruncated},
		"no table":                  {`{}`, routerclient.ReasonAnswerTruncated},
		"the end lost":              {strings.TrimSuffix(family(one, good), "}"), routerclient.ReasonAnswerTruncated},
		"something behind the end":  {family(one, good) + "}", routerclient.ReasonAnswerNotUnderstood},
		"a count that is none":      {family(`"configuredpeers": "many",`, good), routerclient.ReasonAnswerNotUnderstood},
		"a neighbor twice":          {family(two, good+","+good), routerclient.ReasonAnswerNotUnderstood},
		"a state lost":              {family(one, `{"neighborid": "192.0.2.2"}`), routerclient.ReasonAnswerNotUnderstood},
		"an address lost":           {family(one, `{"state": "Idle"}`), routerclient.ReasonAnswerNotUnderstood},
		"a prefix that is none":     {family(one, neighbor("192.0.2.0/33", "Idle", "never")), routerclient.ReasonAnswerNotUnderstood},
		"an AS number that is none": {family(one, `{"neighborid": "192.0.2.2", "neighboras": "x", "state": "Idle"}`), routerclient.ReasonAnswerNotUnderstood},
		"a VRF without a name":      {`{"TABLE_vrf": {"ROW_vrf": {"vrf-local-as": "64512"}}}`, routerclient.ReasonAnswerNotUnderstood},
		"a family without a name":   {strings.Replace(family(one, good), "af-name", "x", 1), routerclient.ReasonAnswerNotUnderstood},
	} {
		runner := &replay.Runner{Answers: map[string]routerclient.Output{showSummary: {Stdout: []byte(test.answer)}}}
		snapshot, err := conformance.Ask(t, newClient, runner)
		if err == nil || routerclient.ReasonOf(err) != test.want {
			t.Errorf("%s: %+v, %v, want reason %s", name, snapshot, err, test.want)
		}
	}
}

// TestShapes has values and tables as releases differ in them.
func TestShapes(t *testing.T) {
	good := neighbor("192.0.2.2", "Established", "6w3d")
	for name, answer := range map[string]string{
		"a prefix is counted and has no row": family(`"configuredpeers": "2", "capablepeers": "1",`, good),
		"one row without an array":           strings.Replace(strings.Replace(family(`"configuredpeers": 1,`, good), "[", "", 1), "]", "", 1),
		"tables in arrays": strings.NewReplacer(`{"ROW_neighbor"`, `[{"ROW_neighbor"`, `}]}}`, `}]}]}`).
			Replace(family(`"configuredpeers": 1,`, good)),
		"numbers for strings": family(`"configuredpeers": 1,`,
			`{"neighborid": "192.0.2.2", "neighboras": 64513, "time": 3888000, "state": "Established", "prefixreceived": 3}`),
	} {
		runner := &replay.Runner{Answers: map[string]routerclient.Output{showSummary: {Stdout: []byte(answer)}}}
		snapshot, err := conformance.Ask(t, newClient, runner)
		if err != nil || len(snapshot.Sessions) != 1 || snapshot.Sessions[0].RemoteASN != 64513 || snapshot.Sessions[0].Families[0].Received != 3 {
			t.Errorf("%s: %+v, %v", name, snapshot, err)
		}
	}
}

func TestQualifiedStates(t *testing.T) {
	answer := family(`"configuredpeers": 2,`, neighbor("192.0.2.2", "Idle (NoMem)", "00:10:39")+","+neighbor("192.0.2.3", "Shut (Admin)", "1d02h"))
	runner := &replay.Runner{Answers: map[string]routerclient.Output{showSummary: {Stdout: []byte(answer)}}}
	snapshot, err := conformance.Ask(t, newClient, runner)
	if err != nil {
		t.Fatal(err)
	}
	if s := snapshot.Sessions[0]; s.State != routerclient.Idle || s.AdminDown || s.Detail != "Idle (NoMem)" {
		t.Errorf("without memory: %+v", s)
	}
	if s := snapshot.Sessions[1]; s.State != routerclient.Idle || !s.AdminDown || s.Detail != "" {
		t.Errorf("shut down: %+v", s)
	}
}

func TestUptime(t *testing.T) {
	const day = 24 * time.Hour
	for printed, want := range map[string]time.Duration{
		"6w3d":     45 * day,
		"01:12:00": 72 * time.Minute,
		"never":    0,
		"P6W3D":    45 * day,
		"P1DT2H3M": day + 2*time.Hour + 3*time.Minute,
		"PT12M4S":  12*time.Minute + 4*time.Second,
		// A month is 28 days at least.
		"P1M":           28 * day,
		"P1M17DT4H8M2S": 45*day + 4*time.Hour + 8*time.Minute + 2*time.Second,
		"P1Y2M":         421 * day,
		"PM":            0,
		"P9999M":        0,
		"0.473382":      0,
		"yesterday":     0,
	} {
		answer := family(`"configuredpeers": 1,`, neighbor("192.0.2.2", "Established", printed))
		runner := &replay.Runner{Answers: map[string]routerclient.Output{showSummary: {Stdout: []byte(answer)}}}
		snapshot, err := conformance.Ask(t, newClient, runner)
		if err != nil {
			t.Fatal(err)
		}
		if got := snapshot.Sessions[0].Uptime; got != want {
			t.Errorf("%s: %v, want %v", printed, got, want)
		}
	}
}

// TestReasonsAreACourtesy has an account that may run the summary only.
func TestReasonsAreACourtesy(t *testing.T) {
	runner := &replay.Runner{Answers: map[string]routerclient.Output{
		showSummary:          {Stdout: []byte(family(`"configuredpeers": 1,`, neighbor("192.0.2.2", "Idle", "00:01:00")))},
		showDefaultNeighbors: {Stdout: []byte("% Permission denied for the role\n"), ExitStatus: 1},
	}}
	snapshot, err := conformance.Ask(t, newClient, runner)
	if err != nil || len(snapshot.Sessions) != 1 {
		t.Fatalf("%+v, %v, want one session", snapshot, err)
	}
	if len(runner.Asked()) != 2 {
		t.Errorf("commands %q, want two", runner.Asked())
	}
}

func TestOnlyWantedVRFsAreAskedForReasons(t *testing.T) {
	runner := &replay.Runner{Answers: map[string]routerclient.Output{
		showSummary: {Stdout: []byte(family(`"configuredpeers": 1,`, neighbor("192.0.2.2", "Idle", "00:01:00")))},
	}}
	if _, err := nxos.New(runner, nxos.Options{VRF: "RED"}).Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{showSummary}, runner.Asked()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

func TestRemedy(t *testing.T) {
	plain := routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), VRF: "default", LocalASN: 64512, RemoteASN: 64513}
	ipv6, grouped := plain, plain
	ipv6.Peer = netip.MustParseAddr("fd00::33")
	grouped.PeerGroup, grouped.VRF = "K8S", "red"
	unknown := routerclient.Missing{Peer: plain.Peer}
	const note = "To accept all nodes of a subnet instead, once and for all, give the subnet in place of the address: neighbor <subnet> remote-as "
	for name, test := range map[string]struct {
		missing routerclient.Missing
		want    routerclient.Remedy
	}{
		"plain": {plain, routerclient.Remedy{
			Lines: []string{
				"configure terminal", "router bgp 64512", "neighbor 192.168.3.33", "remote-as 64513",
				"address-family ipv4 unicast", "end", "copy running-config startup-config",
			},
			Note: note + "64513.",
		}},
		"IPv6": {ipv6, routerclient.Remedy{
			Lines: []string{
				"configure terminal", "router bgp 64512", "neighbor fd00::33", "remote-as 64513",
				"address-family ipv6 unicast", "end", "copy running-config startup-config",
			},
			Note: note + "64513.",
		}},
		"siblings with a template in a VRF": {grouped, routerclient.Remedy{
			Lines: []string{
				"configure terminal", "router bgp 64512", "vrf red", "neighbor 192.168.3.33", "inherit peer K8S", "remote-as 64513",
				"end", "copy running-config startup-config",
			},
			Note: note + "64513.",
		}},
		"unknown ASNs": {unknown, routerclient.Remedy{
			Lines: []string{
				"configure terminal", "router bgp <ASN of the router>", "neighbor 192.168.3.33", "remote-as <ASN of the nodes>",
				"address-family ipv4 unicast", "end", "copy running-config startup-config",
			},
			Note: note + "<ASN of the nodes>. Replace <ASN of the router> by the number. Replace <ASN of the nodes> by the number.",
		}},
	} {
		if diff := cmp.Diff(test.want, nxos.Remedy(test.missing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzSnapshot(f *testing.F) {
	recordings, err := filepath.Glob("testdata/*/*.stdout")
	if err != nil {
		f.Fatal(err)
	}
	for _, recording := range recordings {
		answer, err := os.ReadFile(recording)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(answer), "BGP neighbor is 192.168.3.33, remote AS 64513\n  Last reset by us 00:00:01, due to rain\n")
		f.Add(family(`"configuredpeers": 1,`, neighbor("192.168.3.33", "Idle", "never")), string(answer))
	}
	f.Fuzz(func(t *testing.T, summary, neighbors string) {
		_, _ = conformance.Ask(t, newClient, &anyVRF{summary, neighbors})
	})
}

// anyVRF answers for every VRF with the same neighbors.
type anyVRF struct{ summary, neighbors string }

func (a *anyVRF) Run(_ context.Context, command string) (routerclient.Output, error) {
	if command == showSummary {
		return routerclient.Output{Stdout: []byte(a.summary)}, nil
	}
	return routerclient.Output{Stdout: []byte(a.neighbors)}, nil
}

func (*anyVRF) Close() error { return nil }

func BenchmarkSnapshot(b *testing.B) {
	rows := make([]string, 5000)
	for i := range rows {
		rows[i] = fmt.Sprintf(`
          {
            "neighborid": "10.%d.%d.%d",
            "neighborversion": "4",
            "msgrecvd": 192059,
            "msgsent": 192199,
            "neighbortableversion": "582",
            "inq": "0",
            "outq": "0",
            "neighboras": "64513",
            "time": "6w3d",
            "state": "Established",
            "prefixreceived": "13"
          }`, i>>16, i>>8&0xff, i&0xff)
	}
	answer := family(`"configuredpeers": "5000",`, strings.Join(rows, ","))
	client := newClient(&replay.Runner{Answers: map[string]routerclient.Output{showSummary: {Stdout: []byte(answer)}}})
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Snapshot(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
