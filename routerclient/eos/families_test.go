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
	want := conformance.Carriages(t, newClient, whole)
	lines := bytes.SplitAfter(whole.Answers[showFamilies].Stdout, []byte("\n"))
	for n := range lines {
		for _, end := range []int{n + 1, n + 2} {
			answers := maps.Clone(whole.Answers)
			damaged := bytes.Join(slices.Delete(slices.Clone(lines), n, min(end, len(lines))), nil)
			answers[showFamilies] = routerclient.Output{Stdout: damaged}
			for key, got := range conformance.Carriages(t, newClient, &replay.Runner{Answers: answers}) {
				if got != routerclient.CarriageUnknown && got != want[key] {
					t.Errorf("without lines %d to %d (%q): %s: %d, want %d", n+1, end, lines[n], key, got, want[key])
				}
			}
		}
	}
}
