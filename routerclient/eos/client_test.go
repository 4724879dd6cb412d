package eos_test

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/eos"
	"github.com/peergate/peergate/routerclient/replay"
)

// summary is a summary with the peers in the VRF, as EOS prints it.
func summary(vrf, peers string) string {
	return fmt.Sprintf(`{"vrfs": {%q: {"vrf": %q, "routerId": "192.0.2.1", "asn": "64512", "peers": {%s}}}}`, vrf, vrf, peers)
}

func answers(ipv4, ipv6 string) map[string]routerclient.Output {
	return map[string]routerclient.Output{showIPv4: {Stdout: []byte(ipv4)}, showIPv6: {Stdout: []byte(ipv6)}}
}

func TestUnusable(t *testing.T) {
	good := summary("default", "")
	for name, test := range map[string]struct {
		ipv4, ipv6 string
		want       routerclient.Reason
	}{
		"a state lost":               {summary("default", `"192.0.2.2": {"asn": "64513"}`), good, routerclient.ReasonAnswerNotUnderstood},
		"a name for an address":      {summary("default", `"node2": {"asn": "64513", "peerState": "Idle"}`), good, routerclient.ReasonAnswerNotUnderstood},
		"two neighbors made one":     {summary("default", `"192.0.2.2": {"asn": "64513", "peerState": "Idle", "asn": "64514", "peerState": "Established"}`), good, routerclient.ReasonAnswerNotUnderstood},
		"a neighbor twice":           {summary("default", `"192.0.2.2": {"peerState": "Idle"}, "192.0.2.2": {"peerState": "Idle"}`), good, routerclient.ReasonAnswerNotUnderstood},
		"no VRFs":                    {`{"warnings": []}`, good, routerclient.ReasonAnswerNotUnderstood},
		"a VRF without a name":       {summary("", ""), good, routerclient.ReasonAnswerNotUnderstood},
		"no table of neighbors":      {`{"vrfs": {"default": {"asn": "64512"}}}`, good, routerclient.ReasonAnswerTruncated},
		"something behind the end":   {good + "{}", good, routerclient.ReasonAnswerNotUnderstood},
		"the second answer cut":      {good, good[:len(good)-1], routerclient.ReasonAnswerTruncated},
		"an AS number that is none":  {summary("default", `"192.0.2.2": {"asn": "x", "peerState": "Idle"}`), good, routerclient.ReasonAnswerNotUnderstood},
		"BGP inactive, as an error":  {`{"errors": ["BGP inactive"]}`, good, routerclient.ReasonBGPNotRunning},
		"authorization, as an error": {`{"errors": ["Authorization denied for command 'show ip bgp'"]}`, good, routerclient.ReasonPermissionDenied},
	} {
		snapshot, err := conformance.Ask(t, newClient, &replay.Runner{Answers: answers(test.ipv4, test.ipv6)})
		if err == nil || routerclient.ReasonOf(err) != test.want {
			t.Errorf("%s: %+v, %v, want reason %s", name, snapshot, err, test.want)
		}
	}
}

// TestLatestStateCounts has a neighbor in both families that goes down between the two commands.
func TestLatestStateCounts(t *testing.T) {
	runner := &replay.Runner{Answers: answers(
		summary("default", `"192.0.2.2": {"asn": "64513", "peerState": "Established", "prefixReceived": 3}`),
		summary("default", `"192.0.2.2": {"asn": "64513", "peerState": "Active", "prefixReceived": 0}`))}
	snapshot, err := conformance.Ask(t, newClient, runner)
	if err != nil {
		t.Fatal(err)
	}
	if len(snapshot.Sessions) != 1 || snapshot.Sessions[0].State != routerclient.Active {
		t.Errorf("sessions %+v, want one in state Active", snapshot.Sessions)
	}
}

// TestShapes has values as releases differ in them, and such as are none.
func TestShapes(t *testing.T) {
	for name, peer := range map[string]string{
		"strings":          `"asn": "64513", "upDownTime": "1452680643.198489", "prefixReceived": "3"`,
		"numbers":          `"asn": 64513, "upDownTime": 1452680643.198489, "prefixReceived": 3`,
		"a time of no use": `"asn": 64513, "upDownTime": "never", "prefixReceived": 3.0`,
		"no time":          `"asn": 64513, "upDownTime": null, "prefixReceived": 3, "description": "node \"2\""`,
	} {
		runner := &replay.Runner{Answers: answers(summary("default", `"192.0.2.2": {"peerState": "Established", `+peer+`}`), summary("default", ""))}
		snapshot, err := conformance.Ask(t, newClient, runner)
		if err != nil || len(snapshot.Sessions) != 1 {
			t.Errorf("%s: %+v, %v", name, snapshot, err)
			continue
		}
		if s := snapshot.Sessions[0]; s.RemoteASN != 64513 || s.Families[0].Received != 3 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestUptimeIsRelative has a router whose clock is in 1970, and neighbors that came up before its long form's.
func TestUptimeIsRelative(t *testing.T) {
	set := answers(summary("default", `
		"192.0.2.2": {"asn": "64513", "peerState": "Established", "upDownTime": 1000.5},
		"192.0.2.3": {"asn": "64513", "peerState": "Established", "upDownTime": 400.5},
		"192.0.2.4": {"asn": "64513", "peerState": "Established", "upDownTime": 9000.5}`), summary("default", ""))
	const ask = "show ip bgp neighbors 192.0.2.2 vrf default | json"
	set[ask] = routerclient.Output{Stdout: []byte(
		`{"vrfs": {"default": {"peerList": [{"peerAddress": "192.0.2.2", "state": "Established", "establishedTime": 60}]}}}`)}
	snapshot, err := conformance.Ask(t, newClient, &replay.Runner{Answers: set})
	if err != nil {
		t.Fatal(err)
	}
	var got []time.Duration
	for _, s := range snapshot.Sessions {
		got = append(got, s.Uptime)
	}
	if diff := cmp.Diff([]time.Duration{time.Minute, 11 * time.Minute, 0}, got); diff != "" {
		t.Errorf("uptimes (-want +got):\n%s", diff)
	}
}

func TestBoundedDetails(t *testing.T) {
	runner := &replay.Runner{Answers: answers(summary("default", peers(100, "Active")), summary("default", ""))}
	if _, err := conformance.Ask(t, newClient, runner); err != nil {
		t.Fatal(err)
	}
	if n := len(runner.Asked()); n != 10 {
		t.Errorf("%d commands, want the two summaries and eight neighbors", n)
	}
}

func TestOnlyWantedVRFsAreAskedForReasons(t *testing.T) {
	runner := &replay.Runner{Answers: answers(summary("RED", peers(1, "Active")), summary("RED", ""))}
	if _, err := eos.New(runner, eos.Options{VRF: "default"}).Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{showIPv4, showIPv6}, runner.Asked()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

// TestNamesThatAreNoWords has a router whose VRF would end the command and begin another.
func TestNamesThatAreNoWords(t *testing.T) {
	runner := &replay.Runner{Answers: answers(summary("a | reload", peers(1, "Active")), summary("a | reload", ""))}
	snapshot, err := conformance.Ask(t, newClient, runner)
	if err != nil || len(snapshot.Sessions) != 1 || len(runner.Asked()) != 2 {
		t.Errorf("%+v, %v after %q, want one session after two commands", snapshot, err, runner.Asked())
	}
}

// TestSlowReasonsDoNotSpoilTheSnapshot has a router that never ends the long form of a neighbor.
func TestSlowReasonsDoNotSpoilTheSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		snapshot, err := newClient(neverEndingReasons{}).Snapshot(ctx)
		if err != nil || ctx.Err() != nil {
			t.Fatalf("error %v, context %v, want a snapshot in time", err, ctx.Err())
		}
		if len(snapshot.Sessions) != 1 {
			t.Errorf("%d sessions, want 1", len(snapshot.Sessions))
		}
	})
}

type neverEndingReasons struct{}

func (neverEndingReasons) Run(ctx context.Context, command string) (routerclient.Output, error) {
	switch command {
	case showIPv4:
		return routerclient.Output{Stdout: []byte(summary("default", peers(1, "Active")))}, nil
	case showIPv6:
		return routerclient.Output{Stdout: []byte(summary("default", ""))}, nil
	}
	<-ctx.Done()
	return routerclient.Output{}, ctx.Err()
}

func (neverEndingReasons) Close() error { return nil }

func TestRemedy(t *testing.T) {
	plain := routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), VRF: "default", LocalASN: 64512, RemoteASN: 64513}
	ipv6, grouped, unknown := plain, plain, routerclient.Missing{Peer: plain.Peer, PeerGroup: "K8S"}
	ipv6.Peer = netip.MustParseAddr("fd00::33")
	grouped.PeerGroup, grouped.VRF = "K8S", "red"
	const note = "To accept all nodes of a subnet instead, once and for all: bgp listen range <subnet> peer-group "
	for name, test := range map[string]struct {
		missing routerclient.Missing
		want    routerclient.Remedy
	}{
		"plain": {plain, routerclient.Remedy{
			Lines: []string{
				"configure", "router bgp 64512", "neighbor 192.168.3.33 remote-as 64513",
				"address-family ipv4", "neighbor 192.168.3.33 activate", "end", "write memory",
			},
			Note: note + "<peer group> remote-as 64513.",
		}},
		"IPv6": {ipv6, routerclient.Remedy{
			Lines: []string{
				"configure", "router bgp 64512", "neighbor fd00::33 remote-as 64513",
				"address-family ipv6", "neighbor fd00::33 activate", "end", "write memory",
			},
			Note: note + "<peer group> remote-as 64513.",
		}},
		"siblings in a group of a VRF": {grouped, routerclient.Remedy{
			Lines: []string{
				"configure", "router bgp 64512", "vrf red", "neighbor 192.168.3.33 remote-as 64513",
				"neighbor 192.168.3.33 peer group K8S", "end", "write memory",
			},
			Note: note + "K8S remote-as 64513.",
		}},
		"unknown ASNs": {unknown, routerclient.Remedy{
			Lines: []string{"configure", "router bgp <ASN of the router>", "neighbor 192.168.3.33 peer group K8S", "end", "write memory"},
			Note:  note + "K8S remote-as <ASN of the nodes>. Replace <ASN of the router> by the number.",
		}},
	} {
		if diff := cmp.Diff(test.want, eos.Remedy(test.missing)); diff != "" {
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
		f.Add(string(answer), summary("default", ""), string(answer))
	}
	f.Fuzz(func(t *testing.T, ipv4, ipv6, long string) {
		_, _ = conformance.Ask(t, newClient, &anyNeighbor{answers(ipv4, ipv6), []byte(long)})
	})
}

// anyNeighbor answers for every neighbor with the same long form.
type anyNeighbor struct {
	answers map[string]routerclient.Output
	long    []byte
}

func (a *anyNeighbor) Run(_ context.Context, command string) (routerclient.Output, error) {
	if out, found := a.answers[command]; found {
		return out, nil
	}
	return routerclient.Output{Stdout: a.long}, nil
}

func (*anyNeighbor) Close() error { return nil }

func BenchmarkSnapshot(b *testing.B) {
	ipv4 := summary("default", peers(5000, "Established"))
	client := newClient(&replay.Runner{Answers: answers(ipv4, summary("default", ""))})
	b.SetBytes(int64(len(ipv4)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Snapshot(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// peers returns n peers in the state, as EOS prints them.
func peers(n int, state string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`
        "10.%d.%d.%d": {
          "version": 4,
          "msgReceived": 5,
          "msgSent": 4,
          "inMsgQueue": 0,
          "outMsgQueue": 0,
          "asn": "64513",
          "prefixAccepted": 3,
          "prefixReceived": 3,
          "upDownTime": 1721080527.052693,
          "underMaintenance": false,
          "peerState": %q
        }`, i>>16, i>>8&0xff, i&0xff, state)
	}
	return strings.Join(all, ",")
}
