package gobgp_test

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/gobgp"
	"github.com/peergate/peergate/routerclient/replay"
)

const (
	showGlobal = "gobgp -j global"
	showJSON   = "gobgp -j neighbor"
	showTable  = "gobgp neighbor"
)

func newClient(runner routerclient.Runner) routerclient.Client {
	return gobgp.New(runner, gobgp.Options{})
}

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New:           newClient,
		NotApplicable: map[string]string{"policy_blocked": "gobgp counts as accepted what the import policy rejects"},
	})
}

func TestCommandPrefix(t *testing.T) {
	runner := &replay.Runner{}
	if _, err := gobgp.New(runner, gobgp.Options{CommandPrefix: []string{"sudo", "-n"}}).Snapshot(t.Context()); err == nil {
		t.Error("a snapshot of a router that knows no command")
	}
	if diff := cmp.Diff([]string{"sudo -n " + showGlobal}, runner.Asked()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

const header = "Peer            AS  Up/Down State       |#Received  Accepted\n"

func answering(peers, table string) *replay.Runner {
	return &replay.Runner{Answers: map[string]routerclient.Output{
		showGlobal: {Stdout: []byte(`{"asn":64512,"router_id":"192.0.2.1","listen_port":179}` + "\n")},
		showJSON:   {Stdout: []byte(peers)},
		showTable:  {Stdout: []byte(table)},
	}}
}

func TestNeighbors(t *testing.T) {
	session := routerclient.Session{
		VRF: "default", Peer: netip.MustParseAddr("192.0.2.11"), RemoteASN: 64513, LocalASN: 64512, State: routerclient.Idle,
	}
	days, unnumbered, never, unknown := session, session, session, session
	days.State, days.Uptime = routerclient.Established, 26*time.Hour+3*time.Minute+4*time.Second
	unnumbered.Interface, unnumbered.Peer = "eth0", netip.MustParseAddr("fe80::2")
	never.Interface, never.Peer = "eth0", netip.Addr{}
	unknown.State = routerclient.Unrecognized
	const conf = `"conf":{"local_asn":64512,"neighbor_address":"192.0.2.11"}`
	const state = `"neighbor_address":"192.0.2.11","peer_asn":64513`
	for name, test := range map[string]struct {
		peer, row string
		want      routerclient.Session
	}{
		"up for days": {
			`{` + conf + `,"state":{` + state + `,"session_state":6}}`,
			"192.0.2.11 64513 1d 02:03:04 Establ      |        2         2\n", days,
		},
		"unnumbered": {
			`{"conf":{"local_asn":64512,"neighbor_interface":"eth0"},"state":{"neighbor_address":"fe80::2%eth0","peer_asn":64513,"session_state":1}}`,
			"eth0       64513    never Idle        |        0         0\n", unnumbered,
		},
		"unnumbered, never seen": {
			`{"conf":{"local_asn":64512,"neighbor_interface":"eth0","neighbor_address":"invalid IP"},"state":{"peer_asn":64513,"session_state":1}}`,
			"eth0       64513    never Idle        |        0         0\n", never,
		},
		"no state, as version 3 leaves out a zero": {
			`{` + conf + `,"state":{` + state + `}}`,
			"192.0.2.11 64513    never Unknown     |        0         0\n", unknown,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := conformance.Ask(t, newClient, answering("["+test.peer+"]\n", header+test.row))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]routerclient.Session{test.want}, got.Sessions, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Errorf("session (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnusableAnswers(t *testing.T) {
	const peer = `[{"conf":{},"state":{"neighbor_address":"192.0.2.11","session_state":1}}]`
	const row = "192.0.2.11 64513    never Idle        |        0         0\n"
	for name, test := range map[string]struct {
		peers, table, want string
		reason             routerclient.Reason
	}{
		"the array ends early": {
			`[{"conf":{}`, header, "reading the neighbors: the JSON ends early", routerclient.ReasonAnswerTruncated,
		},
		"an error in the place of an array": {
			`{"error":"rpc error: code = Unimplemented desc = unknown service api.GoBgpService"}`, header,
			"reading the neighbors: gobgp and gobgpd are of different major versions: rpc error: code = Unimplemented desc = unknown service api.GoBgpService",
			routerclient.ReasonAnswerNotUnderstood,
		},
		"gobgpd gone in between": {
			`{"error":"context deadline exceeded"}`, header,
			"reading the neighbors: gobgpd does not answer: context deadline exceeded", routerclient.ReasonBGPNotRunning,
		},
		"a peer without an address": {`[{}]`, header, "reading the neighbors: one without an address", routerclient.ReasonAnswerNotUnderstood},
		"no table":                  {peer, "", "reading the table of neighbors: the answer is empty (stderr: no output)", routerclient.ReasonAnswerTruncated},
		"the table lacks a peer": {
			peer, header, "reading the table of neighbors: it lacks 192.0.2.11, which is in the JSON", routerclient.ReasonAnswerTruncated,
		},
		"half a row": {
			peer, header + row[:20], `reading the table of neighbors: row "192.0.2.11 64513" is not whole`, routerclient.ReasonAnswerTruncated,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := conformance.Ask(t, newClient, answering(test.peers, test.table))
			if err == nil || err.Error() != test.want || routerclient.ReasonOf(err) != test.reason {
				t.Errorf("got  %v (%s)\nwant %s (%s)", err, routerclient.ReasonOf(err), test.want, test.reason)
			}
		})
	}
}

func TestRemedy(t *testing.T) {
	const ranges = " A node inside one of gobgpd's dynamic-neighbors needs neither: gobgp does not show those, so look whether its speaker connects."
	const file = "gobgpd forgets this when it restarts. In its configuration file, add [[neighbors]] with [neighbors.config] "
	plain := routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), LocalASN: 64512, RemoteASN: 64513}
	inVRF, unknown := plain, plain
	inVRF.VRF, inVRF.PeerGroup = "red", "nodes"
	unknown.RemoteASN = 0
	for name, test := range map[string]struct {
		missing    routerclient.Missing
		line, note string
	}{
		"plain": {
			plain, "gobgp neighbor add 192.168.3.33 as 64513",
			file + `neighbor-address = "192.168.3.33", peer-as = 64513.` + ranges,
		},
		"in a VRF, siblings in a group": {
			inVRF, "gobgp neighbor add 192.168.3.33 as 64513 vrf red",
			file + `neighbor-address = "192.168.3.33", peer-as = 64513, peer-group = "nodes".` + ranges,
		},
		"unknown ASN": {
			unknown, "gobgp neighbor add 192.168.3.33 as <ASN of the nodes>",
			file + `neighbor-address = "192.168.3.33", peer-as = <ASN of the nodes>.` + ranges + " Replace <ASN of the nodes> by the number.",
		},
	} {
		want := routerclient.Remedy{Lines: []string{test.line}, Note: test.note}
		if diff := cmp.Diff(want, gobgp.Remedy(test.missing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzSnapshot(f *testing.F) {
	conformance.FuzzThree(f, newClient, [3]string{showGlobal, showJSON, showTable})
}

func BenchmarkSnapshot(b *testing.B) {
	recorded, err := os.ReadFile("testdata/dynamic/02.stdout")
	if err != nil {
		b.Fatal(err)
	}
	// One neighbor as recorded, again and again under another address.
	first, _, _ := strings.Cut(strings.TrimPrefix(string(recorded), "["), `,{"apply_policy"`)
	_, address, _ := strings.Cut(first, `"neighbor_address":"`)
	address, _, _ = strings.Cut(address, `"`)
	var peers []string
	table := header
	var rows strings.Builder
	for i := range 5000 {
		other := fmt.Sprintf("10.0.%d.%d", i>>8, i&0xff)
		peers = append(peers, strings.ReplaceAll(first, address, other))
		fmt.Fprintf(&rows, "%-12s 64513 00:00:07 Establ      |        2         2\n", other)
	}
	json := "[" + strings.Join(peers, ",") + "]\n"
	client := newClient(answering(json, table+rows.String()))
	b.SetBytes(int64(len(json) + rows.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if s, err := client.Snapshot(b.Context()); err != nil || len(s.Sessions) != 5000 {
			b.Fatal(err)
		}
	}
}
