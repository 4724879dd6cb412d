package edgeos_test

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
	"github.com/peergate/peergate/routerclient/edgeos"
	"github.com/peergate/peergate/routerclient/replay"
)

func TestCommandPrefix(t *testing.T) {
	runner := &replay.Runner{}
	client := edgeos.New(runner, edgeos.Options{CommandPrefix: []string{"sudo", "-n"}})
	if _, err := client.Snapshot(t.Context()); err == nil {
		t.Error("a snapshot of a router that knows no command")
	}
	if diff := cmp.Diff([]string{"sudo -n " + showIPv4}, runner.Asked()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

// TestDeniedIPv6Summary has an account whose forced command knows the first of the two commands only.
func TestDeniedIPv6Summary(t *testing.T) {
	runner := &replay.Runner{Answers: map[string]routerclient.Output{
		showIPv4: {Stdout: []byte(table(1))},
		showIPv6: {Stderr: []byte("bgp-ro: not on the list\n"), ExitStatus: 77},
	}}
	_, err := newClient(runner).Snapshot(t.Context())
	const want = "reading the IPv6 summary: the router refused (exit status 77): bgp-ro: not on the list"
	if err == nil || err.Error() != want || routerclient.ReasonOf(err) != routerclient.ReasonPermissionDenied {
		t.Errorf("error %v with reason %s, want %s", err, routerclient.ReasonOf(err), want)
	}
}

// TestNoIPv6Command has the words of command lines that do not know the second of the two commands. The first lists the
// IPv6 neighbors too.
func TestNoIPv6Command(t *testing.T) {
	for _, words := range []string{
		"\n  Invalid command: show bgp [ipv6]\n\n",
		"\n  Incomplete command: show bgp ipv6\n\n",
		"\n  Ambiguous command: show bgp [ipv6]\n\n",
		"% Unknown command.\n",
		"%% Invalid input detected at '^' marker.\n",
	} {
		runner := &replay.Runner{Answers: map[string]routerclient.Output{
			showIPv4: {Stdout: []byte(table(1))},
			showIPv6: {Stdout: []byte(words), Stderr: []byte("TERM environment variable not set.\n"), ExitStatus: 1},
		}}
		if snapshot, err := newClient(runner).Snapshot(t.Context()); err != nil || len(snapshot.Sessions) != 1 {
			t.Errorf("%q: %+v, %v, want the neighbor of the IPv4 summary", words, snapshot, err)
		}
		runner.Answers[showIPv4] = runner.Answers[showIPv6]
		if snapshot, err := newClient(runner).Snapshot(t.Context()); err == nil {
			t.Errorf("%q to the IPv4 summary: %+v, want an error", words, snapshot)
		}
	}
}

func TestRemedy(t *testing.T) {
	story := routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), LocalASN: 64512, RemoteASN: 64512}
	ipv6, grouped, unknown := story, story, story
	ipv6.Peer = netip.MustParseAddr("fd00::2")
	grouped.PeerGroup = "nodes"
	unknown.RemoteASN = 0
	for name, test := range map[string]struct {
		missing routerclient.Missing
		want    routerclient.Remedy
	}{
		"the story's": {story, routerclient.Remedy{Lines: []string{
			"configure", "set protocols bgp 64512 neighbor 192.168.3.33 remote-as 64512", "commit", "save", "exit",
		}}},
		"IPv6": {ipv6, routerclient.Remedy{Lines: []string{
			"configure", "set protocols bgp 64512 neighbor fd00::2 remote-as 64512",
			"set protocols bgp 64512 neighbor fd00::2 address-family ipv6-unicast", "commit", "save", "exit",
		}}},
		"siblings in a group": {grouped, routerclient.Remedy{Lines: []string{
			"configure", "set protocols bgp 64512 neighbor 192.168.3.33 peer-group nodes", "commit", "save", "exit",
		}}},
		"unknown ASN": {unknown, routerclient.Remedy{
			Lines: []string{"configure", "set protocols bgp 64512 neighbor 192.168.3.33 remote-as <ASN of the nodes>", "commit", "save", "exit"},
			Note:  "Replace <ASN of the nodes> by the number.",
		}},
	} {
		if diff := cmp.Diff(test.want, edgeos.Remedy(test.missing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// table is a summary of n Established neighbors.
func table(n int) string {
	var b strings.Builder
	b.WriteString("BGP router identifier 192.168.3.1, local AS number 64512\nBGP table version is 7\n\n" +
		"Neighbor                 V   AS   MsgRcv    MsgSen TblVer   InQ   OutQ    Up/Down   State/PfxRcd\n")
	for i := range n {
		address := fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&0xff, i&0xff)
		fmt.Fprintf(&b, "%-25s4 65000   26         26       7      0      0  00:11:33               5\n", address)
	}
	fmt.Fprintf(&b, "\nTotal number of neighbors %d\n\nTotal number of Established sessions %d\n", n, n)
	return b.String()
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
		f.Add(string(answer), "")
		f.Add(table(1), string(answer))
	}
	f.Fuzz(func(t *testing.T, ipv4, ipv6 string) {
		_, _ = conformance.Ask(t, newClient, &replay.Runner{Answers: map[string]routerclient.Output{
			showIPv4: {Stdout: []byte(ipv4)},
			showIPv6: {Stdout: []byte(ipv6)},
		}})
	})
}

func BenchmarkSnapshot(b *testing.B) {
	rows := table(5000)
	client := newClient(&replay.Runner{Answers: map[string]routerclient.Output{showIPv4: {Stdout: []byte(rows)}, showIPv6: {}}})
	b.SetBytes(int64(len(rows)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Snapshot(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
