package snmp_test

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/replay"
	"github.com/peergate/peergate/routerclient/snmp"
)

// The columns of BGP4-MIB, and of Cisco's table the one that is tried first.
const (
	localAS     = ".1.3.6.1.2.1.15.2"
	state       = ".1.3.6.1.2.1.15.3.1.2"
	adminStatus = ".1.3.6.1.2.1.15.3.1.3"
	remoteAS    = ".1.3.6.1.2.1.15.3.1.9"
	uptime      = ".1.3.6.1.2.1.15.3.1.16"
	lastError   = ".1.3.6.1.2.1.15.3.1.14"
	ciscoState  = ".1.3.6.1.4.1.9.9.187.1.2.5.1.3"
)

// mib is an agent: its variables by the OID of their column, as "index = TYPE: value". It knows every column.
type mib map[string][]string

func (m mib) runner() *replay.Runner {
	answers := map[string]routerclient.Output{}
	for _, oid := range []string{
		".1.3.6.1.2.1.15.4", ciscoState, ".1.3.6.1.4.1.2636.5.1.1.2.1.1.1.2", ".1.3.6.1.4.1.30065.4.1.1.2.1.13", ".1.3.6.1.3.5.1.1.2.1.13",
		localAS, state, adminStatus, remoteAS, uptime, lastError,
	} {
		answers["walk "+oid] = routerclient.Output{}
	}
	for oid, lines := range m {
		var walk strings.Builder
		for _, line := range lines {
			fmt.Fprintf(&walk, "%s.%s\n", oid, line)
		}
		answers["walk "+oid] = routerclient.Output{Stdout: []byte(walk.String())}
	}
	return &replay.Runner{Answers: answers}
}

// onePeer is BGP4-MIB with a peer in the state.
func onePeer(number string) mib {
	return mib{
		localAS:     {"0 = INTEGER: 64512"},
		state:       {"192.0.2.11 = INTEGER: " + number},
		adminStatus: {"192.0.2.11 = INTEGER: 2"},
		remoteAS:    {"192.0.2.11 = INTEGER: 64513"},
		uptime:      {"192.0.2.11 = Gauge32: 60"},
		lastError:   {"192.0.2.11 = Hex-STRING: 00 00"},
	}
}

func with(m mib, oid string, lines ...string) mib {
	changed := maps.Clone(m)
	changed[oid] = lines
	return changed
}

// TestLinkLocal has a neighbor whose address is of the type ipv6z: 16 octets, and 4 with the number of the interface.
func TestLinkLocal(t *testing.T) {
	const (
		cisco = ".1.3.6.1.4.1.9.9.187.1.2.5.1."
		zoned = "4.20.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.17.0.0.1.2 = "
		plain = "1.4.192.0.2.11 = "
	)
	agent := mib{
		localAS:      {"0 = INTEGER: 64512"},
		ciscoState:   {plain + "INTEGER: 6", zoned + "INTEGER: 6"},
		cisco + "4":  {plain + "INTEGER: 2", zoned + "INTEGER: 2"},
		cisco + "11": {plain + "Gauge32: 64513", zoned + "Gauge32: 64513"},
		cisco + "19": {plain + "Gauge32: 60", zoned + "Gauge32: 60"},
	}
	snapshot, err := conformance.Ask(t, snmp.New, agent.runner())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range snapshot.Sessions {
		got = append(got, fmt.Sprintf("%s %q %s", s.Peer, s.Interface, s.State))
	}
	want := []string{`192.0.2.11 "" Established`, `fe80::11 "ifIndex-258" Established`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("neighbors (-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	for name, test := range map[string]struct {
		agent  mib
		reason routerclient.Reason
		want   string
	}{
		"the agent lost the daemon behind the first column": {
			with(with(onePeer("6"), adminStatus), remoteAS), routerclient.ReasonAnswerTruncated,
			"reading bgpPeerTable of BGP4-MIB: 1 peers in column .1.3.6.1.2.1.15.3.1.2 and 0 in .1.3.6.1.2.1.15.3.1.3",
		},
		"the agent lost the daemon within the first column": {
			with(onePeer("6"), state), routerclient.ReasonAnswerTruncated,
			"reading the BGP peers: they come or go at the moment",
		},
		"a peer went and another came": {
			with(onePeer("6"), remoteAS, "192.0.2.12 = INTEGER: 64513"), routerclient.ReasonAnswerTruncated,
			"reading bgpPeerTable of BGP4-MIB: peer 192.0.2.11 is in column .1.3.6.1.2.1.15.3.1.2 and not in .1.3.6.1.2.1.15.3.1.9",
		},
		"state out of the MIB": {
			onePeer("9"), routerclient.ReasonAnswerNotUnderstood,
			`reading bgpPeerTable of BGP4-MIB: peer 192.0.2.11: state "9" is not in RFC 4273`,
		},
		"index too long": {
			mib{
				localAS: {"0 = INTEGER: 64512"}, state: {"192.0.2.11.1 = INTEGER: 1"},
				adminStatus: {"192.0.2.11.1 = INTEGER: 2"}, remoteAS: {"192.0.2.11.1 = INTEGER: 64513"},
			}, routerclient.ReasonAnswerNotUnderstood,
			"reading bgpPeerTable of BGP4-MIB: index 192.0.2.11.1: numbers behind its end",
		},
		"a row twice": {
			with(onePeer("1"), state, "192.0.2.11 = INTEGER: 1", "192.0.2.11 = INTEGER: 6"), routerclient.ReasonAnswerNotUnderstood,
			"reading .1.3.6.1.2.1.15.3.1.2: row 192.0.2.11 comes twice",
		},
		"not a number": {
			with(onePeer("1"), remoteAS, "192.0.2.11 = STRING: \"64513\""), routerclient.ReasonAnswerNotUnderstood,
			`reading bgpPeerTable of BGP4-MIB: peer 192.0.2.11: AS number: STRING "\"64513\"" is no number`,
		},
		"no BGP in the agent": {
			mib{}, routerclient.ReasonBGPNotRunning,
			"reading the BGP peers: the agent shows neither a peer nor an AS number of the router (.1.3.6.1.2.1.15.2): BGP is not running, " +
				"its agent is not connected, or the user's view leaves .1.3.6.1.2.1.15 out",
		},
	} {
		_, err := conformance.Ask(t, snmp.New, test.agent.runner())
		if err == nil || err.Error() != test.want || routerclient.ReasonOf(err) != test.reason {
			t.Errorf("%s: error %q with reason %s, want %q with %s", name, err, routerclient.ReasonOf(err), test.want, test.reason)
		}
	}
}

// TestClearing has a neighbor in a state that only FRR has, for as long as it takes to forget the neighbor's routes.
func TestClearing(t *testing.T) {
	for _, number := range []string{"7", "8"} {
		snapshot, err := conformance.Ask(t, snmp.New, onePeer(number).runner())
		if err != nil || snapshot.Sessions[0].State != routerclient.Idle {
			t.Errorf("state %s: %+v, %v, want Idle", number, snapshot, err)
		}
	}
}

func TestASNumbersThatDoNotFit(t *testing.T) {
	for printed, want := range map[string]uint32{"64513": 64513, "23456": 0, "-94967281": 4200000015, "4200000015": 4200000015} {
		agent := with(with(onePeer("6"), remoteAS, "192.0.2.11 = INTEGER: "+printed), localAS, "0 = INTEGER: "+printed)
		snapshot, err := conformance.Ask(t, snmp.New, agent.runner())
		if err != nil {
			t.Fatal(err)
		}
		if got := snapshot.Sessions[0].RemoteASN; got != want || snapshot.LocalASN != want {
			t.Errorf("AS number %s: remote %d and local %d, want %d", printed, got, snapshot.LocalASN, want)
		}
	}
}

// TestTransitionalASWithoutPeers has a router whose own AS number does not fit into BGP4-MIB.
func TestTransitionalASWithoutPeers(t *testing.T) {
	snapshot, err := conformance.Ask(t, snmp.New, mib{localAS: {"0 = INTEGER: 23456"}}.runner())
	if err != nil || len(snapshot.Sessions) != 0 {
		t.Errorf("%+v, %v, want a snapshot without sessions", snapshot, err)
	}
}

func TestDetail(t *testing.T) {
	for octets, want := range map[string]string{
		"00 00": "", "": "", "02": "", "04 00": "last error: Hold Timer Expired", "06 02": "last error: Cease, Administrative Shutdown",
		"06 63": "last error: Cease, subcode 99", "63 01": "last error: code 99, subcode 1",
	} {
		snapshot, err := conformance.Ask(t, snmp.New, with(onePeer("3"), lastError, "192.0.2.11 = Hex-STRING: "+octets).runner())
		if octets == "" {
			if err == nil {
				t.Error("a line without a value: no error")
			}
			continue
		}
		if err != nil || snapshot.Sessions[0].Detail != want {
			t.Errorf("last error %q: %+v, %v, want %q", octets, snapshot, err, want)
		}
	}
}

// TestTableIsRemembered asks twice: the second time, the tables that had no rows are not tried.
func TestTableIsRemembered(t *testing.T) {
	agent := onePeer("6").runner()
	client := snmp.New(agent)
	for range 2 {
		if _, err := client.Snapshot(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tried := 0
	for _, command := range agent.Asked() {
		if command == "walk "+ciscoState {
			tried++
		}
	}
	if tried != 1 {
		t.Errorf("Cisco's table was tried %d times: %v", tried, agent.Asked())
	}
}

// TestSmallerTableIsNoReplacement has an agent whose table of all neighbors is empty for once, while BGP4-MIB, which
// knows IPv4 only, is not.
func TestSmallerTableIsNoReplacement(t *testing.T) {
	agent := onePeer("6").runner()
	cisco := mib{
		ciscoState:                        {"2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.18 = INTEGER: 6"},
		".1.3.6.1.4.1.9.9.187.1.2.5.1.4":  {"2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.18 = INTEGER: 2"},
		".1.3.6.1.4.1.9.9.187.1.2.5.1.11": {"2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.18 = Gauge32: 64513"},
		".1.3.6.1.4.1.9.9.187.1.2.5.1.19": {"2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.18 = Gauge32: 60"},
	}.runner()
	for _, column := range []string{"3", "4", "11", "19"} {
		command := "walk .1.3.6.1.4.1.9.9.187.1.2.5.1." + column
		agent.Answers[command] = cisco.Answers[command]
	}
	client := snmp.New(agent)
	snapshot, err := client.Snapshot(t.Context())
	if err != nil || snapshot.Sessions[0].Peer != netip.MustParseAddr("2001:db8::12") {
		t.Fatalf("%+v, %v", snapshot, err)
	}
	agent.Answers["walk "+ciscoState] = routerclient.Output{}
	if _, err := client.Snapshot(t.Context()); routerclient.ReasonOf(err) != routerclient.ReasonAnswerTruncated {
		t.Errorf("Cisco's table empty, BGP4-MIB not: error %v, want %s", err, routerclient.ReasonAnswerTruncated)
	}
	if _, err := client.Snapshot(t.Context()); err != nil {
		t.Errorf("and if that lasts: %v", err)
	}
}

func TestRemedy(t *testing.T) {
	const note = "Say this in the router's own language: a router that is read over SNMP may be of any make."
	known := routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), VRF: "default", LocalASN: 64512, RemoteASN: 64513}
	for name, test := range map[string]struct {
		missing routerclient.Missing
		want    routerclient.Remedy
	}{
		"known": {known, routerclient.Remedy{
			Lines: []string{"add BGP neighbor 192.168.3.33 with remote AS 64513 to local AS 64512"}, Note: note,
		}},
		"unknown": {routerclient.Missing{Peer: known.Peer, VRF: "instance-47"}, routerclient.Remedy{
			Lines: []string{"add BGP neighbor 192.168.3.33 with remote AS <ASN of the nodes> to local AS <ASN of the router> in VRF instance-47"},
			Note:  note + " Replace <ASN of the router> by the number. Replace <ASN of the nodes> by the number.",
		}},
	} {
		if diff := cmp.Diff(test.want, snmp.Remedy(test.missing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// FuzzSnapshot gives one answer to a walk of the fuzzer's choice, in an agent that is otherwise in order.
func FuzzSnapshot(f *testing.F) {
	columns := []string{localAS, ciscoState, state, adminStatus, remoteAS, uptime, lastError}
	recordings, err := filepath.Glob("testdata/*/*.stdout")
	if err != nil {
		f.Fatal(err)
	}
	for n, recording := range recordings {
		answer, err := os.ReadFile(recording)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint(n), string(answer))
	}
	for n, oid := range columns {
		f.Add(uint(n), oid+".192.0.2.11 = INTEGER: 1\n")
	}
	f.Fuzz(func(t *testing.T, n uint, answer string) {
		agent := onePeer("6").runner()
		agent.Answers["walk "+columns[n%uint(len(columns))]] = routerclient.Output{Stdout: []byte(answer)}
		_, _ = conformance.Ask(t, snmp.New, agent)
	})
}

func BenchmarkSnapshot(b *testing.B) {
	const n = 5000
	agent := onePeer("6")
	size := 0
	for _, oid := range []string{state, adminStatus, remoteAS, uptime} {
		_, printed, _ := strings.Cut(agent[oid][0], " = ")
		lines := make([]string, 0, n)
		for i := range n {
			line := fmt.Sprintf("10.%d.%d.%d = %s", i>>16, i>>8&0xff, i&0xff, printed)
			size += len(oid) + len(line) + 2
			lines = append(lines, line)
		}
		agent[oid] = slices.Clip(lines)
	}
	client := snmp.New(agent.runner())
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Snapshot(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
