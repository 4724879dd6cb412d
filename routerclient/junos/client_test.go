package junos_test

import (
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
	"github.com/peergate/peergate/routerclient/junos"
	"github.com/peergate/peergate/routerclient/replay"
)

func router(summary, neighbors string) *replay.Runner {
	return &replay.Runner{Answers: map[string]routerclient.Output{
		showSummary:   {Stdout: []byte(summary)},
		showNeighbors: {Stdout: []byte(neighbors)},
	}}
}

const (
	oneSummary = `<bgp-information><peer-count>1</peer-count><bgp-peer><peer-address>192.0.2.2</peer-address><peer-as>64513</peer-as>` +
		`<elapsed-time seconds="60">1:00</elapsed-time><peer-state>Established</peer-state></bgp-peer></bgp-information>`
	oneNeighbor = `<bgp-information><bgp-peer><peer-address>192.0.2.2+179</peer-address><peer-as>64513</peer-as>` +
		`<peer-state>Established</peer-state></bgp-peer></bgp-information>`
)

func TestErrors(t *testing.T) {
	laughs := `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><bgp-information><peer-count>&lol2;</peer-count></bgp-information>`
	for name, test := range map[string]struct {
		summary, neighbors string
		reason             routerclient.Reason
		want               string
	}{
		"a neighbor less than counted": {
			strings.Replace(oneSummary, "<peer-count>1<", "<peer-count>2<", 1), oneNeighbor, routerclient.ReasonAnswerTruncated,
			"reading the BGP summary: 1 neighbors where the router counts 2",
		},
		"no count": {
			strings.Replace(oneSummary, "<peer-count>1</peer-count>", "", 1), oneNeighbor, routerclient.ReasonAnswerTruncated,
			"reading the BGP summary: the router's count of its neighbors is missing",
		},
		"a neighbor of the summary is missing": {
			oneSummary, "<bgp-information/>", routerclient.ReasonAnswerTruncated,
			"reading the BGP neighbors: neighbor 192.0.2.2 is there 0 times, and 1 times in the summary",
		},
		"cut short": {
			oneSummary, oneNeighbor[:len(oneNeighbor)-1], routerclient.ReasonAnswerTruncated,
			"reading the BGP neighbors: the XML ends early",
		},
		"no BGP, in other words": {
			"error: BGP instance not running\n", oneNeighbor, routerclient.ReasonBGPNotRunning,
			"reading the BGP summary: BGP is not running",
		},
		"document type": {
			"<?xml version=\"1.0\"?>\n" + laughs, oneNeighbor, routerclient.ReasonAnswerNotUnderstood,
			"reading the BGP summary: a document type or CDATA section, which Junos does not write",
		},
		"endless depth": {
			"<bgp-information>" + strings.Repeat("<a>", 1<<20), oneNeighbor, routerclient.ReasonAnswerNotUnderstood,
			"reading the BGP summary: elements nested more than 32 deep",
		},
		"two neighbors run into one": {
			oneSummary, strings.Replace(oneNeighbor, "</bgp-peer>", "<peer-address>192.0.2.3</peer-address></bgp-peer>", 1),
			routerclient.ReasonAnswerNotUnderstood, "reading the BGP neighbors: element peer-address comes twice",
		},
		"ends do not match": {
			strings.Replace(oneSummary, "</bgp-peer>", "", 1), oneNeighbor, routerclient.ReasonAnswerNotUnderstood,
			`reading the BGP summary: an end of "bgp-information" that has no start`,
		},
		"a prompt behind the answer": {
			oneSummary + "\n{master}\n", oneNeighbor, routerclient.ReasonAnswerNotUnderstood,
			`reading the BGP summary: "{master}" outside of the document`,
		},
		"a permission missing, told in XML": {
			"<rpc-reply>\n<xnm:error>\n<message>permission denied: bgp</message>\n</xnm:error>\n</rpc-reply>", oneNeighbor,
			routerclient.ReasonPermissionDenied,
			`reading the BGP summary: the router refused (does the login class allow "show bgp"?): permission denied: bgp`,
		},
		"nothing": {"", oneNeighbor, routerclient.ReasonAnswerTruncated, "reading the BGP summary: the answer is empty (stderr: no output)"},
	} {
		_, err := conformance.Ask(t, junos.New, router(test.summary, test.neighbors))
		if err == nil || err.Error() != test.want || routerclient.ReasonOf(err) != test.reason {
			t.Errorf("%s: error %q with reason %s, want %q with %s", name, err, routerclient.ReasonOf(err), test.want, test.reason)
		}
	}
}

// TestUptimeOfEqualNeighborsOfTwoInstances has nothing in the summary that tells the two apart.
func TestUptimeOfEqualNeighborsOfTwoInstances(t *testing.T) {
	row := func(seconds string) string {
		return `<bgp-peer><peer-address>192.0.2.2</peer-address><elapsed-time junos:seconds="` + seconds +
			`">x</elapsed-time><peer-state>Established</peer-state></bgp-peer>`
	}
	summary := "<bgp-information><peer-count>4</peer-count>" + row("7200") + row("60") + row("-5") + row("99999999999999") + "</bgp-information>"
	peer := oneNeighbor[len("<bgp-information>") : len(oneNeighbor)-len("</bgp-information>")]
	snapshot, err := conformance.Ask(t, junos.New, router(summary, "<bgp-information>"+strings.Repeat(peer, 4)+"</bgp-information>"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range snapshot.Sessions {
		if s.Uptime != time.Minute {
			t.Errorf("uptime %v, want the shortest of them, 1m", s.Uptime)
		}
	}
}

// TestRoutingEngines has a router of two routing engines, of which the second runs no BGP.
func TestRoutingEngines(t *testing.T) {
	wrapped := func(answer string) string {
		return "<rpc-reply><multi-routing-engine-results><multi-routing-engine-item><re-name>node0</re-name>" + answer +
			"</multi-routing-engine-item><multi-routing-engine-item><re-name>node1</re-name><output>BGP is not running</output>" +
			"</multi-routing-engine-item></multi-routing-engine-results></rpc-reply>"
	}
	snapshot, err := conformance.Ask(t, junos.New, router(wrapped(oneSummary), wrapped(oneNeighbor)))
	if err != nil {
		t.Fatal(err)
	}
	if len(snapshot.Sessions) != 1 || snapshot.Sessions[0].Uptime != time.Minute {
		t.Errorf("sessions %+v, want one that is up for 1m", snapshot.Sessions)
	}
	both := strings.Replace(wrapped(oneSummary), "<output>BGP is not running</output>", oneSummary, 1)
	if snapshot, err = conformance.Ask(t, junos.New, router(both, oneNeighbor)); err == nil {
		t.Errorf("two answers in one gave %+v", snapshot)
	}
}

// TestTablesOfInstances has a neighbor that brings routes to VPNs, which Junos also lists by the instance they end up in.
func TestTablesOfInstances(t *testing.T) {
	tables := ""
	for _, table := range []struct {
		name     string
		received int
	}{{"inet.0", 2}, {"bgp.l3vpn.0", 4}, {"inet6.0", 1}, {"RED.inet.0", 3}, {"RED.inet6.0", 7}} {
		tables += fmt.Sprintf("<bgp-rib><name>%s</name><received-prefix-count>%d</received-prefix-count></bgp-rib>", table.name, table.received)
	}
	snapshot, err := conformance.Ask(t, junos.New, router(oneSummary, strings.Replace(oneNeighbor, "</bgp-peer>", tables+"</bgp-peer>", 1)))
	if err != nil {
		t.Fatal(err)
	}
	want := []routerclient.Family{{AFI: routerclient.IPv4, Received: 2}, {AFI: routerclient.IPv6, Received: 1}}
	if diff := cmp.Diff(want, snapshot.Sessions[0].Families); diff != "" {
		t.Errorf("families (-want +got):\n%s", diff)
	}
}

func TestRemedy(t *testing.T) {
	grouped := routerclient.Missing{
		Peer: netip.MustParseAddr("192.168.3.33"), VRF: "default", LocalASN: 64512, RemoteASN: 64513, PeerGroup: "K8S",
	}
	inVRF, internal, alone, unknown := grouped, grouped, grouped, grouped
	inVRF.VRF, inVRF.Peer = "red", netip.MustParseAddr("fd00::33")
	internal.RemoteASN = 64512
	alone.PeerGroup = ""
	unknown.PeerGroup, unknown.RemoteASN, unknown.LocalASN = "", 0, 0
	const (
		subnet = "To accept all nodes of a subnet instead, once and for all: "
		noKey  = ". Junos takes this only in a group without authentication-key."
		allow  = subnet + "set protocols bgp group K8S allow <subnet>, and, if the group has no peer-as: " +
			"set protocols bgp group K8S peer-as 64513" + noKey
	)
	for name, test := range map[string]struct {
		missing routerclient.Missing
		want    routerclient.Remedy
	}{
		"siblings in a group": {grouped, routerclient.Remedy{
			Lines: []string{"configure", "set protocols bgp group K8S neighbor 192.168.3.33 peer-as 64513", "commit and-quit"},
			Note:  allow,
		}},
		"in a routing instance": {inVRF, routerclient.Remedy{
			Lines: []string{"configure", "set routing-instances red protocols bgp group K8S neighbor fd00::33 peer-as 64513", "commit and-quit"},
			Note: subnet + "set routing-instances red protocols bgp group K8S allow <subnet>, and, if the group has no peer-as: " +
				"set routing-instances red protocols bgp group K8S peer-as 64513" + noKey,
		}},
		"internal": {internal, routerclient.Remedy{
			Lines: []string{"configure", "set protocols bgp group K8S neighbor 192.168.3.33", "commit and-quit"},
			Note:  subnet + "set protocols bgp group K8S allow <subnet>" + noKey,
		}},
		"no group": {alone, routerclient.Remedy{
			Lines: []string{
				"configure", "set protocols bgp group kubernetes-nodes type external",
				"set protocols bgp group kubernetes-nodes neighbor 192.168.3.33 peer-as 64513", "commit and-quit",
			},
			Note: subnet + "set protocols bgp group kubernetes-nodes allow <subnet>, and, if the group has no peer-as: " +
				"set protocols bgp group kubernetes-nodes peer-as 64513" + noKey,
		}},
		"nothing known": {unknown, routerclient.Remedy{
			Lines: []string{
				"configure", "set protocols bgp group kubernetes-nodes type external",
				"set protocols bgp group kubernetes-nodes neighbor 192.168.3.33 peer-as <ASN of the nodes>", "commit and-quit",
			},
			Note: subnet + "set protocols bgp group kubernetes-nodes allow <subnet>, and, if the group has no peer-as: " +
				"set protocols bgp group kubernetes-nodes peer-as <ASN of the nodes>" + noKey + " Replace <ASN of the nodes> by the number.",
		}},
	} {
		if diff := cmp.Diff(test.want, junos.Remedy(test.missing)); diff != "" {
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
		f.Add(string(answer), "<bgp-information/>")
		f.Add(oneSummary, string(answer))
	}
	f.Fuzz(func(t *testing.T, summary, neighbors string) {
		_, _ = conformance.Ask(t, junos.New, router(summary, neighbors))
	})
}

// tables are the two answers of a router with n Established neighbors.
func tables(n int) (summary, neighbors string) {
	recorded := func(file, around string) string {
		answer, err := os.ReadFile(filepath.Join("testdata/normal", file))
		if err != nil {
			panic(err)
		}
		first, _, _ := strings.Cut(string(answer), "</bgp-peer>")
		_, peer, _ := strings.Cut(first, "<bgp-peer")
		var b strings.Builder
		b.WriteString("<bgp-information>" + around)
		for i := range n {
			address := fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&0xff, i&0xff)
			b.WriteString("        <bgp-peer" + strings.Replace(peer, "192.0.2.11", address, 1) + "</bgp-peer>\n")
		}
		return b.String() + "</bgp-information>"
	}
	return recorded("01.stdout", fmt.Sprintf("<peer-count>%d</peer-count>", n)), recorded("02.stdout", "")
}

func BenchmarkSnapshot(b *testing.B) {
	summary, neighbors := tables(5000)
	client := junos.New(router(summary, neighbors))
	b.SetBytes(int64(len(summary) + len(neighbors)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Snapshot(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
