package iosxr_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/iosxr"
	"github.com/peergate/peergate/routerclient/replay"
)

// process is a process with the counts "Established/configured" of the default VRF and of the others.
func process(inDefault, others string) string {
	return "Tue Mar 21 09:08:19.039 UTC\nAutonomous System: 64512\nRouter ID: 192.0.2.1\n\nBGP Speaker process: 0, Node: node0_RP0_CPU0\n" +
		"                           Total           Nbrs Estab/Cfg\n" +
		"Default VRFs:              1               " + inDefault + "\nNon-Default VRFs:          2               " + others + "\n"
}

// block is an Established neighbor under its header.
func block(header string) string {
	return "BGP neighbor is " + header + "\n Remote AS 64513, local AS 64512, external link\n Remote router ID 192.0.2.9\n" +
		"  BGP state = Established, up for 2w3d\n  Connections established 1; dropped 0\n  Last reset 00:00:00\n"
}

func answers(process, neighbors, vrfNeighbors string) *replay.Runner {
	return &replay.Runner{Answers: map[string]routerclient.Output{
		showProcess:      {Stdout: []byte(process), ExitStatus: -1},
		showNeighbors:    {Stdout: []byte(neighbors), ExitStatus: -1},
		showVRFNeighbors: {Stdout: []byte(vrfNeighbors), ExitStatus: -1},
	}}
}

func TestUnusable(t *testing.T) {
	one := process("1/1", "0/0")
	good := block("192.0.2.2")
	for name, test := range map[string]struct {
		process, neighbors, vrfNeighbors string
		want                             routerclient.Reason
	}{
		"a neighbor lost":               {process("1/2", "0/0"), good, "", routerclient.ReasonAnswerTruncated},
		"an Established one down":       {one, strings.Replace(good, "Established, up for 2w3d", "Idle", 1), "", routerclient.ReasonAnswerTruncated},
		"a neighbor of a VRF lost":      {process("0/0", "1/2"), "", block("192.0.2.2, vrf RED"), routerclient.ReasonAnswerTruncated},
		"the VRF's name lost":           {process("0/0", "1/1"), "", block("192.0.2.2, vrf "), routerclient.ReasonAnswerNotUnderstood},
		"the VRF lost":                  {process("0/0", "1/1"), "", good, routerclient.ReasonAnswerTruncated},
		"a neighbor twice":              {process("2/2", "0/0"), good + good, "", routerclient.ReasonAnswerNotUnderstood},
		"a state lost":                  {one, strings.Replace(good, "BGP state", "", 1), "", routerclient.ReasonAnswerTruncated},
		"the end lost":                  {one, strings.Replace(good, "Connections", "", 1), "", routerclient.ReasonAnswerTruncated},
		"a header lost":                 {process("1/1", "0/0"), good + good[len("BGP neighbor"):], "", routerclient.ReasonAnswerNotUnderstood},
		"no neighbors":                  {one, "", "", routerclient.ReasonAnswerTruncated},
		"a name for an address":         {one, block("node2"), "", routerclient.ReasonAnswerNotUnderstood},
		"an AS number that is none":     {one, strings.Replace(good, "64513", "x", 1), "", routerclient.ReasonAnswerNotUnderstood},
		"the counts lost":               {"Autonomous System: 64512\nRouter ID: 192.0.2.1\n", "", "", routerclient.ReasonAnswerTruncated},
		"one count lost":                {strings.Replace(one, "Non-Default", "", 1), good, "", routerclient.ReasonAnswerTruncated},
		"a count that is none":          {process("1", "0/0"), good, "", routerclient.ReasonAnswerNotUnderstood},
		"a count cut":                   {process("0/0", "12/1"), good, "", routerclient.ReasonAnswerNotUnderstood},
		"the router's AS number broken": {strings.Replace(one, "64512", "x", 1), good, "", routerclient.ReasonAnswerNotUnderstood},
	} {
		snapshot, err := conformance.Ask(t, newClient, answers(test.process, test.neighbors, test.vrfNeighbors))
		if err == nil || routerclient.ReasonOf(err) != test.want {
			t.Errorf("%s: %+v, %v, want reason %s", name, snapshot, err, test.want)
		}
	}
}

func TestConnectionsAreSaved(t *testing.T) {
	for name, test := range map[string]struct {
		process, vrf string
		want         []string
	}{
		"no neighbors":                {process("0/0", "0/0"), "*", []string{showProcess}},
		"none in VRFs":                {process("1/1", "0/0"), "*", []string{showProcess, showNeighbors}},
		"those in VRFs are unwanted":  {process("1/1", "1/1"), "default", []string{showProcess, showNeighbors}},
		"all":                         {process("1/1", "1/1"), "*", []string{showProcess, showNeighbors, showVRFNeighbors}},
		"two speakers, summed counts": {process("1/1", "0/0") + process("0/0", "1/1"), "", []string{showProcess, showNeighbors, showVRFNeighbors}},
	} {
		runner := answers(test.process, block("192.0.2.2"), block("192.0.2.2")+block("192.0.2.2, vrf RED"))
		if _, err := iosxr.New(runner, iosxr.Options{VRF: test.vrf}).Snapshot(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, runner.Asked()); diff != "" {
			t.Errorf("%s: commands (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzSnapshot(f *testing.F) {
	situations, err := filepath.Glob("testdata/*/01.stdout")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range situations {
		process, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		neighbors, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "02.stdout"))
		vrfNeighbors, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "03.stdout"))
		f.Add(string(process), string(neighbors), string(vrfNeighbors))
	}
	f.Fuzz(func(t *testing.T, process, neighbors, vrfNeighbors string) {
		_, _ = conformance.Ask(t, newClient, answers(process, neighbors, vrfNeighbors))
	})
}

func BenchmarkSnapshot(b *testing.B) {
	var blocks strings.Builder
	for i := range 5000 {
		blocks.WriteString(block(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&0xff, i&0xff)))
	}
	client := newClient(answers(process("5000/5000", "0/0"), blocks.String(), ""))
	b.SetBytes(int64(blocks.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Snapshot(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// TestLocalAS has the ways in which XR shows an AS number that the router pretends to have.
func TestLocalAS(t *testing.T) {
	for shown, want := range map[string]uint32{
		", local AS 64512, external link":                               64512,
		", local AS 64999 no-prepend, external link":                    64999,
		", local AS 64999 no-prepend replace-as dual-as, external link": 64999,
		", external link": 0,
	} {
		neighbors := strings.Replace(block("192.0.2.2"), ", local AS 64512, external link", shown, 1)
		snapshot, err := conformance.Ask(t, newClient, answers(process("1/1", "0/0"), neighbors, ""))
		if err != nil {
			t.Errorf("%q: %v", shown, err)
			continue
		}
		if s := snapshot.Sessions[0]; s.LocalASN != want || s.RemoteASN != 64513 {
			t.Errorf("%q: local AS %d, remote AS %d; want local AS %d", shown, s.LocalASN, s.RemoteASN, want)
		}
	}
}
