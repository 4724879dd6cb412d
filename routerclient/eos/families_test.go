package eos_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/replay"
)

const showFamilies = "show bgp summary vrf all | json"

// TestDamagedFamiliesTellNothingNew takes each line from the answer about families, and each two: what is left may say
// less, and nothing else.
func TestDamagedFamiliesTellNothingNew(t *testing.T) {
	whole, err := replay.Load("testdata/families")
	if err != nil {
		t.Fatal(err)
	}
	want := carriages(t, whole)
	lines := bytes.SplitAfter(whole.Answers[showFamilies].Stdout, []byte("\n"))
	for n := range lines {
		for _, end := range []int{n + 1, n + 2} {
			answers := maps.Clone(whole.Answers)
			damaged := bytes.Join(slices.Delete(slices.Clone(lines), n, min(end, len(lines))), nil)
			answers[showFamilies] = routerclient.Output{Stdout: damaged}
			for key, got := range carriages(t, &replay.Runner{Answers: answers}) {
				if got != routerclient.CarriageUnknown && got != want[key] {
					t.Errorf("without lines %d to %d (%q): %s: %d, want %d", n+1, end, lines[n], key, got, want[key])
				}
			}
		}
	}
}

func carriages(t *testing.T, runner *replay.Runner) map[string]routerclient.Carriage {
	t.Helper()
	snapshot, err := conformance.Ask(t, newClient, runner)
	if err != nil {
		t.Fatal(err)
	}
	carriages := map[string]routerclient.Carriage{}
	for _, s := range snapshot.Sessions {
		for _, afi := range []routerclient.AFI{routerclient.IPv4, routerclient.IPv6} {
			carriages[s.Peer.String()+" "+string(afi)] = s.Carries(afi)
		}
	}
	return carriages
}
