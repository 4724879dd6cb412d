package ios_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/replay"
)

// section is an address family's table, with the rows.
func section(family, rows string) string {
	return "For address family: " + family + "\nBGP router identifier 192.0.2.1, local AS number 64512\n\n" +
		"Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd\n" + rows
}

// row is a neighbor in a table, and block the same in the other answer, under its header.
func row(peer string) string {
	return fmt.Sprintf("%-15s 4        64513      27      25        4    0    0 00:16:34        1\n", peer)
}

func block(header string) string {
	return "BGP neighbor is " + header + ",  remote AS 64513, external link\n  BGP version 4, remote router ID 192.0.2.9\n" +
		"  BGP state = Established, up for 00:16:34\n  Last reset never\n"
}

// answers is a router that counts right.
func answers(summary, neighbors string) *replay.Runner {
	count := fmt.Sprintf("\nNumber of lines which match regexp = %d", strings.Count(summary, "listen range group members"))
	return counting(count, summary, neighbors)
}

func counting(count, summary, neighbors string) *replay.Runner {
	return &replay.Runner{Answers: map[string]routerclient.Output{
		countGroups:   {Stdout: []byte(count), ExitStatus: -1},
		showSummary:   {Stdout: []byte(summary), ExitStatus: -1},
		showNeighbors: {Stdout: []byte(neighbors), ExitStatus: -1},
	}}
}

const (
	ipv4  = "For address family: IPv4 Unicast\n"
	vpnv4 = "For address family: VPNv4 Unicast\n"
	tail  = "* Dynamically created based on a listen range command\nDynamically created neighbors: 1, Subnet ranges: 1\n\n" +
		"BGP peergroup NODES listen range group members:\n  192.0.2.0/24\n"
)

func TestUnusable(t *testing.T) {
	one, two := section("IPv4 Unicast", row("192.0.2.2")), section("IPv4 Unicast", row("192.0.2.2")+row("192.0.2.3"))
	vpn := section("VPNv4 Unicast", row("192.0.2.2")+row("192.0.2.2"))
	dynamic := section("IPv4 Unicast", row("*192.0.2.2")+tail)
	for name, test := range map[string]struct {
		summary, neighbors string
		want               routerclient.Reason
	}{
		"the neighbors lack one":           {two, ipv4 + block("192.0.2.2"), routerclient.ReasonAnswerTruncated},
		"the summary lacks one":            {one, ipv4 + block("192.0.2.2") + block("192.0.2.3"), routerclient.ReasonAnswerTruncated},
		"the neighbors of a VRF lack one":  {vpn, vpnv4 + block("192.0.2.2,  vrf RED"), routerclient.ReasonAnswerTruncated},
		"in another family":                {one, vpnv4 + block("192.0.2.2"), routerclient.ReasonAnswerTruncated},
		"no table":                         {"For address family: IPv4 Unicast\n", ipv4 + block("192.0.2.2"), routerclient.ReasonAnswerTruncated},
		"no neighbors":                     {one, "", routerclient.ReasonAnswerTruncated},
		"no neighbors, in no section":      {section("IPv4 Unicast", ""), "", routerclient.ReasonAnswerTruncated},
		"a state lost":                     {one, ipv4 + strings.Replace(block("192.0.2.2"), "BGP state", "", 1), routerclient.ReasonAnswerTruncated},
		"the last line lost":               {one, ipv4 + strings.Replace(block("192.0.2.2"), "Last reset", "", 1), routerclient.ReasonAnswerTruncated},
		"a header lost":                    {two, ipv4 + block("192.0.2.2") + block("192.0.2.3")[len("BGP neighbor"):], routerclient.ReasonAnswerNotUnderstood},
		"a name for an address":            {one, ipv4 + block("node2"), routerclient.ReasonAnswerNotUnderstood},
		"an AS number that is none":        {one, ipv4 + strings.Replace(block("192.0.2.2"), "64513", "x", 1), routerclient.ReasonAnswerNotUnderstood},
		"a local AS number that is none":   {one, ipv4 + strings.Replace(block("192.0.2.2"), "external", "local AS x", 1), routerclient.ReasonAnswerNotUnderstood},
		"an identifier that is none":       {strings.Replace(one, "192.0.2.1,", "x,", 1), ipv4 + block("192.0.2.2"), routerclient.ReasonAnswerNotUnderstood},
		"the router's AS number lost":      {strings.Replace(one, "64512", "", 1), ipv4 + block("192.0.2.2"), routerclient.ReasonAnswerNotUnderstood},
		"listen ranges without a count":    {strings.Replace(dynamic, "Dynamically created neighbors", "", 1), ipv4 + block("*192.0.2.2"), routerclient.ReasonAnswerTruncated},
		"a count that is none":             {strings.Replace(dynamic, "ranges: 1", "ranges: x", 1), ipv4 + block("*192.0.2.2"), routerclient.ReasonAnswerNotUnderstood},
		"a listen range lost":              {strings.Replace(dynamic, "  192.0.2.0/24\n", "", 1), ipv4 + block("*192.0.2.2"), routerclient.ReasonAnswerTruncated},
		"all listen ranges lost":           {strings.Replace(dynamic, tail, "", 1), ipv4 + block("*192.0.2.2"), routerclient.ReasonAnswerTruncated},
		"a dynamic neighbor from nowhere":  {strings.Replace(dynamic, "192.0.2.0/24", "198.51.100.0/24", 1), ipv4 + block("*192.0.2.2"), routerclient.ReasonAnswerTruncated},
		"an answer of another kind":        {"Welcome!\n", "", routerclient.ReasonAnswerNotUnderstood},
		"words of a shell for an answer":   {"sh: permission denied\n", "", routerclient.ReasonPermissionDenied},
		"a command that IOS does not know": {"% Invalid input detected at '^' marker.\n", "", routerclient.ReasonPermissionDenied},
	} {
		snapshot, err := conformance.Ask(t, newClient, answers(test.summary, test.neighbors))
		if err == nil || routerclient.ReasonOf(err) != test.want {
			t.Errorf("%s: %+v, %v, want reason %s", name, snapshot, err, test.want)
		}
	}
}

// TestDescriptionsAreNoLines has a neighbor whose description, which people write, looks like the router's own words.
func TestDescriptionsAreNoLines(t *testing.T) {
	described := strings.Replace(block("192.0.2.2"), "  BGP version", " Description: BGP state = Idle, Last reset never\n  BGP version", 1)
	snapshot, err := conformance.Ask(t, newClient, answers(section("IPv4 Unicast", row("192.0.2.2")), ipv4+described))
	if err != nil {
		t.Fatal(err)
	}
	if state := snapshot.Sessions[0].State; state != routerclient.Established {
		t.Errorf("state %s, want Established", state)
	}
}

// TestLatestStateCounts has a neighbor with two families that goes down while the router prints.
func TestLatestStateCounts(t *testing.T) {
	summary := section("IPv4 Unicast", row("192.0.2.2")) + "\n" + section("IPv6 Unicast", row("192.0.2.2"))
	neighbors := ipv4 + block("192.0.2.2") + "For address family: IPv6 Unicast\n" +
		strings.Replace(block("192.0.2.2"), "Established, up for 00:16:34", "Active", 1)
	snapshot, err := conformance.Ask(t, newClient, answers(summary, neighbors))
	if err != nil {
		t.Fatal(err)
	}
	if len(snapshot.Sessions) != 1 || snapshot.Sessions[0].State != routerclient.Active {
		t.Errorf("sessions %+v, want one in state Active", snapshot.Sessions)
	}
}

// TestListenRangesAreCounted has a summary that may have lost its end, on routers that count, and on one that cannot.
func TestListenRangesAreCounted(t *testing.T) {
	summary, neighbors := section("IPv4 Unicast", row("192.0.2.2")), ipv4+block("192.0.2.2")
	for count, want := range map[string]routerclient.Reason{
		"Number of lines which match regexp = 0\n": "",
		"Number of lines which match regexp = 1\n": routerclient.ReasonAnswerTruncated,
		"Number of lines which match regexp = ":    routerclient.ReasonAnswerNotUnderstood,
		"":                                         routerclient.ReasonAnswerTruncated,
		`Line has invalid autocommand "` + countGroups + `"`:             "",
		"        ^\n% Invalid input detected at '^' marker.\n":           "",
		"Number of lines which match regexp is known to somebody else\n": routerclient.ReasonAnswerNotUnderstood,
	} {
		snapshot, err := conformance.Ask(t, newClient, counting(count, summary, neighbors))
		if (want == "") != (err == nil) || err != nil && routerclient.ReasonOf(err) != want {
			t.Errorf("%q: %+v, %v, want reason %q", count, snapshot, err, want)
		}
	}
}

// TestListenRangesAreCountedOnce has the second poll see the same, and the third a peer group more.
func TestListenRangesAreCountedOnce(t *testing.T) {
	plain := answers(section("IPv4 Unicast", row("192.0.2.2")), ipv4+block("192.0.2.2"))
	dynamic := answers(section("IPv4 Unicast", row("*192.0.2.2")+tail), ipv4+block("*192.0.2.2"))
	router := &replay.Runner{Answers: plain.Answers}
	client := newClient(router)
	for n, step := range []struct {
		router *replay.Runner
		want   []string
	}{
		{plain, []string{showSummary, countGroups, showNeighbors}},
		{plain, []string{showSummary, showNeighbors}},
		{dynamic, []string{showSummary, countGroups, showNeighbors}},
		{dynamic, []string{showSummary, showNeighbors}},
	} {
		before := len(router.Asked())
		router.Answers = step.router.Answers
		if _, err := client.Snapshot(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, router.Asked()[before:]); diff != "" {
			t.Errorf("poll %d: commands (-want +got):\n%s", n+1, diff)
		}
	}
}

func FuzzSnapshot(f *testing.F) {
	situations, err := filepath.Glob("testdata/*/01.stdout")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range situations {
		summary, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		neighbors, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "03.stdout"))
		f.Add("Number of lines which match regexp = 0\n", string(summary), string(neighbors))
	}
	f.Fuzz(func(t *testing.T, count, summary, neighbors string) {
		_, _ = conformance.Ask(t, newClient, counting(count, summary, neighbors))
	})
}

func BenchmarkSnapshot(b *testing.B) {
	var rows, blocks strings.Builder
	for i := range 5000 {
		peer := fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&0xff, i&0xff)
		rows.WriteString(row(peer))
		blocks.WriteString(block(peer))
	}
	summary, neighbors := section("IPv4 Unicast", rows.String()), ipv4+blocks.String()
	client := newClient(answers(summary, neighbors))
	b.SetBytes(int64(len(summary) + len(neighbors)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Snapshot(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
