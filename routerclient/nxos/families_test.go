package nxos_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/nxos"
	"github.com/peergate/peergate/routerclient/replay"
)

// TestSessionsAreAskedAboutOnce polls a router whose one neighbor has two families, and brought prefixes in none.
func TestSessionsAreAskedAboutOnce(t *testing.T) {
	const long = "BGP neighbor is 192.0.2.2, remote AS 64513\n  BGP state = Established, up for a while\n" +
		"  Address family IPv4 Unicast: advertised received\n  Address family IPv6 Unicast: advertised\n"
	two := func(uptime string) routerclient.Output {
		row := strings.Replace(neighbor("192.0.2.2", "Established", uptime), `"3"`, `"0"`, 1)
		ipv4 := family(`"configuredpeers": 1,`, row)
		saf := ipv4[strings.Index(ipv4, `{"safi"`) : strings.LastIndex(ipv4, "]}}")+len("]}}")]
		both := "[" + saf + "," + strings.Replace(saf, "IPv4", "IPv6", 1) + "]"
		return routerclient.Output{Stdout: []byte(strings.Replace(ipv4, saf, both, 1))}
	}
	runner := &replay.Runner{Answers: map[string]routerclient.Output{showDefaultNeighbors: {Stdout: []byte(long)}}}
	client := nxos.New(runner, nxos.Options{})
	for i, poll := range []struct {
		uptime string
		// asked is how often the router has been asked for the long form so far.
		asked int
	}{
		{"00:00:00", 1},
		{"00:00:01", 2}, // which may be another session than a moment ago
		{"01:00:00", 2}, // which cannot
		{"6w3d", 2},
		{"6w3d", 2},
		{"00:00:01", 3},
	} {
		runner.Answers[showSummary] = two(poll.uptime)
		snapshot, err := client.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s := snapshot.Sessions[0]
		if diff := cmp.Diff([]routerclient.Family{{AFI: routerclient.IPv4}}, s.Families); diff != "" || !s.FamiliesNegotiated {
			t.Errorf("poll %d: negotiated %t, families (-want +got):\n%s", i+1, s.FamiliesNegotiated, diff)
		}
		asked := 0
		for _, command := range runner.Asked() {
			if command == showDefaultNeighbors {
				asked++
			}
		}
		if asked != poll.asked {
			t.Errorf("poll %d, up for %s: the long form was asked for %d times, want %d", i+1, poll.uptime, asked, poll.asked)
		}
	}
}

// TestWhatIsRememberedOutlastsOtherQuestions has another neighbor go down and come up again meanwhile.
func TestWhatIsRememberedOutlastsOtherQuestions(t *testing.T) {
	whole, err := replay.Load("testdata/families")
	if err != nil {
		t.Fatal(err)
	}
	summary := string(whole.Answers[showSummary].Stdout)
	client := nxos.New(whole, nxos.Options{})
	allUp := strings.NewReplacer(`"Active"`, `"Established"`, `"configuredpeers": "7"`, `"configuredpeers": "6"`).Replace(summary)
	for i, answer := range []string{summary, allUp, summary, allUp} {
		whole.Answers[showSummary] = routerclient.Output{Stdout: []byte(answer)}
		snapshot, err := client.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s := snapshot.Sessions[1]
		if s.Carries(routerclient.IPv6) != routerclient.NotCarried || s.PeerRouterID != s.Peer {
			t.Errorf("poll %d: %+v", i+1, s)
		}
		if i == 0 {
			whole.Answers[showDefaultNeighbors] = routerclient.Output{}
		}
	}
}

// TestDamagedLongFormTellsNothingNew takes each line from the long form: what is left may say less, and nothing else.
func TestDamagedLongFormTellsNothingNew(t *testing.T) {
	whole, err := replay.Load("testdata/families")
	if err != nil {
		t.Fatal(err)
	}
	want := conformance.Carriages(t, newClient, whole)
	lines := bytes.SplitAfter(whole.Answers[showDefaultNeighbors].Stdout, []byte("\n"))
	for n := range lines {
		answers := maps.Clone(whole.Answers)
		answers[showDefaultNeighbors] = routerclient.Output{Stdout: bytes.Join(slices.Delete(slices.Clone(lines), n, n+1), nil)}
		for key, got := range conformance.Carriages(t, newClient, &replay.Runner{Answers: answers}) {
			if got != routerclient.CarriageUnknown && got != want[key] {
				t.Errorf("without line %d (%q): %s: %d, want %d", n+1, lines[n], key, got, want[key])
			}
		}
	}
}
