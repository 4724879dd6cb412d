package srlinux_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/replay"
	"github.com/peergate/peergate/routerclient/srlinux"
)

const (
	infoBGP   = "info with-context from state network-instance * protocols bgp | as json"
	infoClock = "info with-context from state system information current-datetime | as json"
)

func router(bgp, clock string) *replay.Runner {
	return &replay.Runner{Answers: map[string]routerclient.Output{
		infoBGP: {Stdout: []byte(bgp)}, infoClock: {Stdout: []byte(clock)},
	}}
}

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New: srlinux.New,
		NotApplicable: map[string]string{
			"not_running":    "what SR Linux prints then is not known; an answer that is not JSON is not understood",
			"policy_blocked": "how SR Linux counts routes that policies reject is not known",
		},
	})
}

// TestOlderReleaseIsAskedOnce polls a router of a release without the word with-context twice.
func TestOlderReleaseIsAskedOnce(t *testing.T) {
	runner, err := replay.Load("testdata/older_release")
	if err != nil {
		t.Fatal(err)
	}
	client := srlinux.New(runner)
	for range 2 {
		if _, err := client.Snapshot(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	const oldBGP, oldClock = "info from state network-instance * protocols bgp | as json", "info from state system information current-datetime | as json"
	if diff := cmp.Diff([]string{infoBGP, oldBGP, oldClock, oldBGP, oldClock}, runner.Asked()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

// TestFamilies has neighbors that say more or less of their address families: what is not said is not known.
func TestFamilies(t *testing.T) {
	const up, down, silent = `{"afi-safi-name":"srl_nokia-common:ipv4-unicast","oper-state":"up"}`,
		`{"afi-safi-name":"ipv6-unicast","oper-state":"down"}`, `{"afi-safi-name":"ipv6-unicast","admin-state":"enable"}`
	for name, test := range map[string]struct {
		families   string
		ipv4, ipv6 routerclient.Carriage
	}{
		"one up":            {`,"afi-safi":[` + up + `]`, routerclient.Carried, routerclient.NotCarried},
		"one up, one down":  {`,"afi-safi":[` + up + "," + down + `]`, routerclient.Carried, routerclient.NotCarried},
		"none up":           {`,"afi-safi":[` + down + `]`, routerclient.NotCarried, routerclient.NotCarried},
		"one does not say":  {`,"afi-safi":[` + up + "," + silent + `]`, routerclient.CarriageUnknown, routerclient.CarriageUnknown},
		"families not said": {"", routerclient.CarriageUnknown, routerclient.CarriageUnknown},
	} {
		answer := `{"network-instance":[{"name":"default","protocols":{"bgp":{"neighbor":[` +
			`{"peer-address":"192.0.2.2","peer-as":null,"session-state":"established"` + test.families + `}]}}}]}`
		snapshot, err := conformance.Ask(t, srlinux.New, router(answer, ""))
		if err != nil {
			t.Fatal(err)
		}
		s := snapshot.Sessions[0]
		if ipv4, ipv6 := s.Carries(routerclient.IPv4), s.Carries(routerclient.IPv6); ipv4 != test.ipv4 || ipv6 != test.ipv6 {
			t.Errorf("%s: IPv4 %d and IPv6 %d, want %d and %d", name, ipv4, ipv6, test.ipv4, test.ipv6)
		}
	}
}

func TestErrors(t *testing.T) {
	const one = `{"network-instance":[{"name":"default","protocols":{"bgp":{"neighbor":[` +
		`{"peer-address":"192.0.2.2","session-state":"active"}],"statistics":{"total-peers":1}}}}]}`
	for name, test := range map[string]struct {
		answer string
		reason routerclient.Reason
		want   string
	}{
		"a neighbor less than counted": {
			strings.Replace(one, `peers":1`, `peers":"2"`, 1), routerclient.ReasonAnswerTruncated,
			"reading the BGP state: network instance default: 1 neighbors where the router counts 2",
		},
		"cut short": {one[:len(one)-1], routerclient.ReasonAnswerTruncated, "reading the BGP state: the JSON ends early"},
		"no state": {
			strings.Replace(one, `,"session-state":"active"`, "", 1), routerclient.ReasonAnswerNotUnderstood,
			"reading the BGP state: neighbor 192.0.2.2 without a state",
		},
		"no name": {
			strings.Replace(one, `"name":"default",`, "", 1), routerclient.ReasonAnswerNotUnderstood,
			"reading the BGP state: a network instance without a name",
		},
		"without the path": {
			`{"neighbor":[{"peer-address":"192.0.2.2"}]}`, routerclient.ReasonAnswerNotUnderstood,
			`reading the BGP state: member "neighbor" where network-instance should be`,
		},
		"no BGP in any network instance": {
			`{"network-instance":[{"name":"mgmt"}]}`, routerclient.ReasonBGPNotRunning,
			"reading the BGP state: no network instance runs BGP",
		},
		"nothing": {"", routerclient.ReasonAnswerTruncated, "reading the BGP state: the answer is empty"},
	} {
		_, err := conformance.Ask(t, srlinux.New, router(test.answer, ""))
		if err == nil || err.Error() != test.want || routerclient.ReasonOf(err) != test.reason {
			t.Errorf("%s: error %q with reason %s, want %q with %s", name, err, routerclient.ReasonOf(err), test.want, test.reason)
		}
	}
}

func TestRemedy(t *testing.T) {
	grouped := routerclient.Missing{
		Peer: netip.MustParseAddr("192.168.3.33"), VRF: "red", LocalASN: 64512, RemoteASN: 64513, PeerGroup: "k8s",
	}
	unknown := routerclient.Missing{Peer: netip.MustParseAddr("fd00::33")}
	for name, test := range map[string]struct {
		missing routerclient.Missing
		want    routerclient.Remedy
	}{
		"siblings in a group of a network instance": {grouped, routerclient.Remedy{
			Lines: []string{
				"enter candidate",
				"set / network-instance red protocols bgp neighbor 192.168.3.33 peer-group k8s",
				"set / network-instance red protocols bgp neighbor 192.168.3.33 peer-as 64513",
				"commit stay save",
			},
			Note: "To accept all nodes of a subnet instead, once and for all: set / network-instance red protocols bgp " +
				"dynamic-neighbors accept match <subnet> peer-group k8s allowed-peer-as [ 64513 ].",
		}},
		"nothing known": {unknown, routerclient.Remedy{
			Lines: []string{
				"enter candidate",
				"set / network-instance default protocols bgp group kubernetes-nodes afi-safi ipv6-unicast admin-state enable",
				"set / network-instance default protocols bgp neighbor fd00::33 peer-group kubernetes-nodes",
				"set / network-instance default protocols bgp neighbor fd00::33 peer-as <ASN of the nodes>",
				"commit stay save",
			},
			Note: "Give group kubernetes-nodes policies: without one SR Linux takes no routes from an external neighbor. " +
				"To accept all nodes of a subnet instead, once and for all: set / network-instance default protocols bgp " +
				"dynamic-neighbors accept match <subnet> peer-group kubernetes-nodes allowed-peer-as [ <ASN of the nodes> ]. Replace <ASN of the nodes> by the number.",
		}},
	} {
		if diff := cmp.Diff(test.want, srlinux.Remedy(test.missing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzSnapshot(f *testing.F) {
	recordings, err := filepath.Glob("testdata/*/*.stdout")
	if err != nil {
		f.Fatal(err)
	}
	normal, err := os.ReadFile("testdata/normal/01.stdout")
	if err != nil {
		f.Fatal(err)
	}
	for _, recording := range recordings {
		answer, err := os.ReadFile(recording)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(answer), "{}")
		f.Add(string(normal), string(answer))
	}
	f.Fuzz(func(t *testing.T, bgp, clock string) {
		_, _ = conformance.Ask(t, srlinux.New, router(bgp, clock))
	})
}

func BenchmarkSnapshot(b *testing.B) {
	neighbors := make([]string, 5000)
	for i := range neighbors {
		neighbors[i] = fmt.Sprintf(`{"peer-address":"10.%d.%d.%d","admin-state":"enable","peer-as":64513,"peer-group":"nodes",`+
			`"session-state":"established","last-state":"opensent","last-event":"recvKeepalive","established-transitions":"1",`+
			`"last-established":"2026-11-20T11:00:00.500Z","peer-router-id":"10.%d.%d.%d","afi-safi":[`+
			`{"afi-safi-name":"srl_nokia-common:ipv4-unicast","admin-state":"enable","oper-state":"up","received-routes":2}]}`,
			i>>16, i>>8&0xff, i&0xff, i>>16, i>>8&0xff, i&0xff)
	}
	bgp := `{"network-instance":[{"name":"default","protocols":{"bgp":{"neighbor":[` + strings.Join(neighbors, ",") +
		`],"statistics":{"total-peers":5000}}}}]}`
	client := srlinux.New(router(bgp, `{"system":{"information":{"current-datetime":"2026-11-20T12:00:00Z"}}}`))
	b.SetBytes(int64(len(bgp)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Snapshot(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
