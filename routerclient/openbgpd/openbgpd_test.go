package openbgpd_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/openbgpd"
	"github.com/peergate/peergate/routerclient/replay"
)

const showNeighbor = "bgpctl -j show neighbor"

func newClient(runner routerclient.Runner) routerclient.Client {
	return openbgpd.New(runner, openbgpd.Options{})
}

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New: newClient,
		NotApplicable: map[string]string{
			"nobgp":          "bgpd does not start without an AS number",
			"vrf":            "OpenBGPD runs once for each routing domain",
			"policy_blocked": "bgpctl does not show whether the filters take a neighbor's routes",
		},
	})
}

func TestCommandPrefix(t *testing.T) {
	runner := &replay.Runner{}
	if _, err := openbgpd.New(runner, openbgpd.Options{CommandPrefix: []string{"doas", "-n"}}).Snapshot(t.Context()); err == nil {
		t.Error("a snapshot of a router that knows no command")
	}
	if diff := cmp.Diff([]string{"doas -n " + showNeighbor}, runner.Asked()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

func answering(stdout string) *replay.Runner {
	return &replay.Runner{Answers: map[string]routerclient.Output{showNeighbor: {Stdout: []byte(stdout)}}}
}

func TestNeighbors(t *testing.T) {
	peer := netip.MustParseAddr("192.0.2.11")
	session := routerclient.Session{VRF: "default", Peer: peer, RemoteASN: 64513, State: routerclient.Idle}
	up, both, local, asdot := session, session, session, session
	up.State, up.Uptime, up.FamiliesNegotiated = routerclient.Established, 90*time.Second, true
	up.Families = []routerclient.Family{{AFI: routerclient.IPv4, Received: 7}, {AFI: routerclient.IPv6}}
	both.Detail = "Cease, peer unconfigured (received); HoldTimer expired, unknown subcode 0 (sent); moving house"
	local.Peer, local.Interface = netip.MustParseAddr("fe80::1"), "eth0"
	asdot.RemoteASN = 65003<<16 | 4
	for name, test := range map[string]struct {
		neighbor string
		want     routerclient.Session
	}{
		"two families, one count": {
			`"remote_as":"64513","remote_addr":"192.0.2.11","state":"Established","last_updown_sec":90,"stats":{"prefixes":{"received":7}},` +
				`"session":{"capabilities":{"multiprotocol":["IPv4 unicast","IPv6 unicast","IPv4 vpn"]}}`, up,
		},
		"every reason": {
			`"remote_as":"64513","remote_addr":"192.0.2.11","state":"Idle","last_error_received":"Cease, peer unconfigured",` +
				`"last_error_sent":"HoldTimer expired, unknown subcode 0","last_shutdown_reason":"moving house"`, both,
		},
		"link-local":      {`"remote_as":"64513","remote_addr":"fe80::1%eth0","state":"Idle"`, local},
		"asdot":           {`"remote_as":"65003.4","remote_addr":"192.0.2.11","state":"Idle"`, asdot},
		"a future number": {`"remote_as":64513,"remote_addr":"192.0.2.11","state":"Idle"`, session},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := conformance.Ask(t, newClient, answering(`{"neighbors":[{`+test.neighbor+`}]}`))
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
	for name, test := range map[string]struct {
		stdout, want string
		reason       routerclient.Reason
	}{
		"no address":       {`{"neighbors":[{"remote_as":"1","state":"Idle"}]}`, "reading the neighbors: neighbor : no address or no state", routerclient.ReasonAnswerNotUnderstood},
		"no state":         {`{"neighbors":[{"remote_as":"1","remote_addr":"192.0.2.1"}]}`, "reading the neighbors: neighbor 192.0.2.1: no address or no state", routerclient.ReasonAnswerNotUnderstood},
		"not a prefix":     {`{"neighbors":[{"remote_as":"1","remote_addr":"192.0.2.0/33","state":"Idle"}]}`, "reading the neighbors: neighbor 192.0.2.0/33: not a prefix", routerclient.ReasonAnswerNotUnderstood},
		"not an array":     {`{"neighbors":{}}`, "reading the neighbors: '{' where an array should be", routerclient.ReasonAnswerNotUnderstood},
		"another object":   {`{"version":"7.7"}`, "reading the neighbors: no neighbors in the JSON", routerclient.ReasonAnswerNotUnderstood},
		"another failure":  {`{"status":"FAILED","error":"operation not supported"}`, "reading the neighbors: bgpctl says operation not supported", routerclient.ReasonAnswerNotUnderstood},
		"two answers":      {`{"neighbors":[]} {"neighbors":[]}`, "reading the neighbors: { behind the answer's end", routerclient.ReasonAnswerNotUnderstood},
		"ends in an array": {`{"neighbors":[{"remote_as":"1","remote_addr":"192.0.2.1","state":"Idle"}`, "reading the neighbors: the JSON ends early", routerclient.ReasonAnswerTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := conformance.Ask(t, newClient, answering(test.stdout))
			if err == nil || err.Error() != test.want || routerclient.ReasonOf(err) != test.reason {
				t.Errorf("got  %v (%s)\nwant %s (%s)", err, routerclient.ReasonOf(err), test.want, test.reason)
			}
		})
	}
}

func TestRemedy(t *testing.T) {
	const subnet = "To accept all nodes of a subnet instead, once and for all: neighbor <subnet> "
	plain := routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), LocalASN: 64512, RemoteASN: 64513}
	grouped, unknown := plain, plain
	grouped.PeerGroup = "nodes"
	unknown.RemoteASN = 0
	for name, test := range map[string]struct {
		missing    routerclient.Missing
		line, note string
	}{
		"plain": {plain, "neighbor 192.168.3.33 { remote-as 64513 }", "Type it as root. " + subnet + "{ remote-as 64513 }"},
		"siblings in a group": {
			grouped, "neighbor 192.168.3.33 { remote-as 64513 }",
			`Type it as root. The siblings are in group "nodes": write the neighbor at the end of its block instead, if it is to have the group's other settings. ` + subnet + "{ remote-as 64513 }",
		},
		"unknown ASN": {
			unknown, "neighbor 192.168.3.33 { remote-as <ASN of the nodes> }",
			"Type it as root. " + subnet + "{ remote-as <ASN of the nodes> } Replace <ASN of the nodes> by the number.",
		},
	} {
		want := routerclient.Remedy{Lines: []string{"echo '" + test.line + "' >>/etc/bgpd.conf", "bgpctl reload"}, Note: test.note}
		if diff := cmp.Diff(want, openbgpd.Remedy(test.missing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// FuzzSnapshot starts from the recordings without what makes them long: the fuzzer would spend its time on making them
// shorter.
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
		f.Add(abridged(answer))
	}
	f.Fuzz(func(t *testing.T, answer string) {
		_, _ = conformance.Ask(t, newClient, answering(answer))
	})
}

func abridged(answer []byte) string {
	var table struct {
		Neighbors []map[string]any `json:"neighbors"`
	}
	if json.Unmarshal(answer, &table) != nil || len(table.Neighbors) == 0 {
		return string(answer)
	}
	for _, n := range table.Neighbors {
		delete(n, "stats")
		delete(n, "session")
		if config, ok := n["config"].(map[string]any); ok {
			n["config"] = map[string]any{"down": config["down"], "cloned": config["cloned"]}
		}
	}
	short, err := json.Marshal(table)
	if err != nil {
		return string(answer)
	}
	return string(short)
}

func BenchmarkSnapshot(b *testing.B) {
	recorded, err := os.ReadFile("testdata/normal/01.stdout")
	if err != nil {
		b.Fatal(err)
	}
	// One neighbor as recorded, again and again under another address.
	_, first, _ := strings.Cut(string(recorded), "[\n")
	first, _, _ = strings.Cut(first, "\n\t\t},")
	var table strings.Builder
	table.WriteString(`{"neighbors":[`)
	for i := range 5000 {
		table.WriteString(strings.ReplaceAll(first, "192.168.3.11", fmt.Sprintf("10.0.%d.%d", i>>8, i&0xff)) + "}")
		if i < 4999 {
			table.WriteString(",\n")
		}
	}
	table.WriteString("]}")
	client := newClient(answering(table.String()))
	b.SetBytes(int64(table.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if s, err := client.Snapshot(b.Context()); err != nil || len(s.Sessions) != 5000 {
			b.Fatal(err)
		}
	}
}
