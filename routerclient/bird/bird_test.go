package bird_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bird"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/replay"
)

const (
	showProtocols    = "birdc -r -v show protocols"
	showProtocolsAll = "birdc -r -v show protocols all"
	showStatus       = "birdc -r -v show status"
)

func newClient(runner routerclient.Runner) routerclient.Client {
	return bird.New(runner, bird.Options{})
}

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{New: newClient})
}

func TestCommandPrefix(t *testing.T) {
	runner := &replay.Runner{}
	if _, err := bird.New(runner, bird.Options{CommandPrefix: []string{"sudo", "-n"}}).Snapshot(t.Context()); err == nil {
		t.Error("a snapshot of a router that knows no command")
	}
	if diff := cmp.Diff([]string{"sudo -n " + showProtocols}, runner.Asked()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

// answers is a router with the protocols in its list, the details, and the status.
func answers(list, details, status string) map[string]routerclient.Output {
	const greeting = "0001 BIRD 2.0.12 ready.\n0016 Access restricted\n"
	return map[string]routerclient.Output{
		showProtocols:    {Stdout: []byte(greeting + list)},
		showProtocolsAll: {Stdout: []byte(greeting + details)},
		showStatus:       {Stdout: []byte(greeting + status)},
	}
}

const header = "2002-Name       Proto      Table      State  Since         Info\n"

func row(name, since string) string {
	return fmt.Sprintf("1002-%-10s BGP        ---        up     %s  Established   \n", name, since)
}

func details(name, since, peer string) string {
	return row(name, since) + `1006-  BGP state:          Established
         Neighbor address: ` + peer + `
         Neighbor AS:      64513
         Local AS:         64512
         Neighbor ID:      192.0.2.11
         Source address:   192.0.2.1
       Channel ipv4
         State:          UP
         Table:          master4
         Input filter:   ACCEPT
         Output filter:  REJECT
         Routes:         2 imported, 0 exported, 2 preferred
     
`
}

func TestUptime(t *testing.T) {
	for name, test := range map[string]struct{ now, since, want string }{
		"clock":                      {"2026-11-23 12:57:38.143", "12:57:30.143", "8s"},
		"clock, yesterday":           {"2026-11-23 01:00:00.000", "23:00:00.000", "2h0m0s"},
		"clock without milliseconds": {"2026-11-23 12:57:38", "12:57:30", "8s"},
		"date":                       {"2026-11-23 12:00:00.000", "2026-11-21", "36h0m0s"},
		"date, in less than a day":   {"2026-11-23 12:00:00.000", "2026-11-23", "0s"},
		"date and clock":             {"2026-11-23 12:57:38.143", "2026-11-20 12:57:38.143", "72h0m0s"},
		"in the future":              {"2026-11-23 12:57:38.143", "2026-11-23 12:57:39.143", "0s"},
		"a format of the operator's": {"2026-11-23 12:57:38.143", "23.11. 12:57", "0s"},
		"no clock of the router's":   {"noon", "12:57:30.143", "0s"},
	} {
		t.Run(name, func(t *testing.T) {
			status := "1000-BIRD 2.0.12\n1011-Router ID is 192.0.2.1\n     Current server time is " + test.now + "\n0013 Daemon is up and running\n"
			router := &replay.Runner{Answers: answers(header+row("node11", test.since), header+details("node11", test.since, "192.0.2.11"), status)}
			got, err := conformance.Ask(t, newClient, router)
			if err != nil {
				t.Fatal(err)
			}
			if got := got.Sessions[0].Uptime.String(); got != test.want {
				t.Errorf("uptime %s, want %s", got, test.want)
			}
		})
	}
}

// TestInterface has a neighbor that is bound to an interface, "neighbor 192.0.2.11%eth0 as 64513".
func TestInterface(t *testing.T) {
	for _, peer := range []string{"192.0.2.11", "2001:db8::11", "fe80::11"} {
		got, err := conformance.Ask(t, newClient, &replay.Runner{Answers: answers(
			header+row("node11", "12:00:00"), header+details("node11", "12:00:00", peer+"%eth0"), "")})
		if err != nil {
			t.Errorf("%s: %v", peer, err)
			continue
		}
		if s := got.Sessions[0]; s.Peer != netip.MustParseAddr(peer) || s.Interface != "eth0" {
			t.Errorf("neighbor %s behind %q, want %s behind eth0", s.Peer, s.Interface, peer)
		}
	}
}

// TestListenRange has a range that waits for neighbors, and one that was disabled.
func TestListenRange(t *testing.T) {
	for state, want := range map[string][]routerclient.ListenRange{
		"Passive": {{VRF: "default", Prefix: netip.MustParsePrefix("192.0.2.0/24"), PeerGroup: "nodes"}},
		"Down":    nil,
	} {
		shown := strings.NewReplacer("Established\n", state+"\n", "Neighbor address: 192.0.2.11", "Neighbor range:   192.0.2.0/24").
			Replace(details("nodes", "12:00:00", "192.0.2.11"))
		got, err := conformance.Ask(t, newClient, &replay.Runner{Answers: answers(header+row("nodes", "12:00:00"), header+shown, "")})
		if err != nil || len(got.Sessions) != 0 {
			t.Errorf("%s: %+v, %v, want no session", state, got, err)
			continue
		}
		if diff := cmp.Diff(want, got.ListenRanges, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
			t.Errorf("%s: listen ranges (-want +got):\n%s", state, diff)
		}
	}
}

func TestUnusableAnswers(t *testing.T) {
	const ends = "reading the protocols: protocol node11 ends early"
	list := header + row("node11", "12:00:00")
	whole := header + details("node11", "12:00:00", "192.0.2.11")
	for name, test := range map[string]struct {
		details, want string
		reason        routerclient.Reason
	}{
		"cut in an address":     {strings.Split(whole, "1\n")[0], "reading the protocols: protocol node11 has no line Neighbor AS", routerclient.ReasonAnswerTruncated},
		"cut before the end":    {strings.TrimSuffix(whole, "     \n"), ends, routerclient.ReasonAnswerTruncated},
		"without a protocol":    {header + "1002-device1    Device     ---        up     12:00:00\n1006-\n", "reading the protocols: protocol node11 is in the router's list and not in the details", routerclient.ReasonAnswerTruncated},
		"a protocol twice":      {whole + details("node11", "12:00:00", "192.0.2.12"), "reading the protocols: protocol node11 comes twice", routerclient.ReasonAnswerNotUnderstood},
		"an address that isn't": {strings.Replace(whole, "192.0.2.11", "192.0.2.", 1), `reading the protocols: protocol node11: Neighbor address: reading neighbor address "192.0.2.": not an IP address`, routerclient.ReasonAnswerNotUnderstood},
		"a refusal":             {"8007 Access denied\n", `reading the protocols: BIRD answers "Access denied"`, routerclient.ReasonPermissionDenied},
		"a syntax error":        {"9001 syntax error, unexpected ALL\n", `reading the protocols: BIRD answers "syntax error, unexpected ALL"`, routerclient.ReasonAnswerNotUnderstood},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := conformance.Ask(t, newClient, &replay.Runner{Answers: answers(list, test.details, "")})
			if err == nil || err.Error() != test.want || routerclient.ReasonOf(err) != test.reason {
				t.Errorf("got  %v (%s)\nwant %s (%s)", err, routerclient.ReasonOf(err), test.want, test.reason)
			}
		})
	}
}

func TestRemedy(t *testing.T) {
	const note = "Type it as root. Where the configuration is in another file than /etc/bird/bird.conf, or a node's siblings are made from a template, " +
		"write the protocol there, in their style. To accept all nodes of a subnet instead, once and for all: neighbor range <subnet> as "
	for name, test := range map[string]struct {
		missing routerclient.Missing
		want    string
		note    string
	}{
		"IPv4": {
			routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), VRF: "default", LocalASN: 64512, RemoteASN: 64513},
			`protocol bgp node_192_168_3_33 { local as 64512; neighbor 192.168.3.33 as 64513; ipv4 { import all; export none; }; }`, note + "64513; in place of the neighbor.",
		},
		"IPv6 in a VRF": {
			routerclient.Missing{Peer: netip.MustParseAddr("fd00::33"), VRF: "red", LocalASN: 64512, RemoteASN: 64513},
			`protocol bgp node_fd00__33 { vrf "red"; local as 64512; neighbor fd00::33 as 64513; ipv6 { import all; export none; }; }`, note + "64513; in place of the neighbor.",
		},
		"unknown ASNs": {
			routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33")},
			`protocol bgp node_192_168_3_33 { local as <ASN of the router>; neighbor 192.168.3.33 as <ASN of the nodes>; ipv4 { import all; export none; }; }`,
			note + "<ASN of the nodes>; in place of the neighbor. Replace <ASN of the router> by the number. Replace <ASN of the nodes> by the number.",
		},
	} {
		want := routerclient.Remedy{Lines: []string{"echo '" + test.want + "' >>/etc/bird/bird.conf", "birdc configure"}, Note: test.note}
		if diff := cmp.Diff(want, bird.Remedy(test.missing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzSnapshot(f *testing.F) {
	conformance.FuzzThree(f, newClient, [3]string{showProtocols, showProtocolsAll, showStatus})
}

func BenchmarkSnapshot(b *testing.B) {
	var list, all strings.Builder
	list.WriteString(header)
	all.WriteString(header)
	for i := range 5000 {
		name := fmt.Sprintf("node%d", i)
		list.WriteString(row(name, "12:00:00.000"))
		all.WriteString(details(name, "12:00:00.000", fmt.Sprintf("10.0.%d.%d", i>>8, i&0xff)))
	}
	client := newClient(&replay.Runner{Answers: answers(list.String(), all.String(), "")})
	b.SetBytes(int64(list.Len() + all.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Snapshot(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
