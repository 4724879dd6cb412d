package conformance

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/replay"
)

// capturesEnv names the folder with recordings that are not in this repository: a folder for each platform, and in it
// an answer to a command in each file, some with the truth beside them.
const capturesEnv = "PEERGATE_CAPTURES"

// Capture is a recording from a device that nobody here configured. Files are relative to the captures' folder.
type Capture struct {
	// Answers are the files with what the router printed, by command.
	Answers map[string]string
	// Truth reads what the recording really says, from a file beside it or from the test's own words.
	Truth func(captures string) ([]Truth, error)
}

// Truth is what is known of one neighbor in a recording.
type Truth struct {
	VRF, Peer   string
	RemoteASN   uint32
	Established bool
}

// Said is a Truth that somebody read off a recording.
func Said(truth ...Truth) func(string) ([]Truth, error) {
	return func(string) ([]Truth, error) { return truth, nil }
}

func testCaptures(t *testing.T, d Driver) {
	captures := os.Getenv(capturesEnv)
	switch {
	case len(d.Captures) == 0:
		t.Skip("no captures of this platform")
	case captures == "":
		t.Skipf("%s is not set to a folder of captures", capturesEnv)
	}
	for _, capture := range d.Captures {
		testCapture(t, d, captures, capture)
	}
}

func testCapture(t *testing.T, d Driver, captures string, capture Capture) {
	runner := &replay.Runner{Answers: map[string]routerclient.Output{}}
	for command, file := range capture.Answers {
		var stdout []byte
		if file != "" {
			var err error
			if stdout, err = os.ReadFile(filepath.Join(captures, file)); err != nil {
				t.Fatal(err)
			}
		}
		runner.Answers[command] = routerclient.Output{Stdout: stdout}
	}
	want, err := capture.Truth(captures)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := Ask(t, d.New, runner)
	if err != nil {
		t.Fatalf("%v: %v", capture.Answers, err)
	}
	if diff := cmp.Diff(byPeer(want), byPeer(truthOf(snapshot))); diff != "" {
		t.Errorf("%v (-truth +driver):\n%s", capture.Answers, diff)
	}
}

func truthOf(s *routerclient.Snapshot) []Truth {
	var truth []Truth
	for _, session := range s.Sessions {
		truth = append(truth, Truth{
			VRF: session.VRF, Peer: session.Peer.String(), RemoteASN: session.RemoteASN,
			Established: session.State == routerclient.Established,
		})
	}
	return truth
}

func byPeer(truth []Truth) map[string]Truth {
	peers := map[string]Truth{}
	for _, t := range truth {
		peers[t.VRF+" "+t.Peer] = t
	}
	return peers
}

// TextFSMTruth reads the fields that a TextFSM template of a "bgp summary" found, as ntc-templates lays them out in
// YAML, and takes them for the default VRF's.
func TextFSMTruth(file string) func(string) ([]Truth, error) {
	return func(captures string) ([]Truth, error) {
		content, err := os.ReadFile(filepath.Join(captures, file))
		if err != nil {
			return nil, err
		}
		var parsed struct {
			Sample []struct {
				Peer  string `json:"bgp_neigh"`
				AS    string `json:"neigh_as"`
				State string `json:"state_pfxrcd"`
			} `json:"parsed_sample"`
		}
		if err := yaml.Unmarshal(content, &parsed); err != nil {
			return nil, err
		}
		var truth []Truth
		for _, row := range parsed.Sample {
			asn, err := bgptext.ASN(row.AS)
			if err != nil {
				return nil, err
			}
			_, notPrefixes := strconv.ParseUint(row.State, 10, 64)
			truth = append(truth, Truth{
				VRF: routerclient.DefaultVRF, Peer: row.Peer, RemoteASN: asn,
				Established: notPrefixes == nil,
			})
		}
		return truth, nil
	}
}
