// Package conformance is the one suite that every driver passes, so that a platform is trusted no more and no less than
// another.
//
// A driver's test calls [Run] over its recordings: folders testdata/<situation>/ with the answers of a router (see
// package replay) and want.json, what the driver makes of them. "go test -update" writes want.json. From each recording
// that gives a snapshot, the suite derives damaged ones, none of which may yield a snapshot that lacks a neighbor: a
// missing neighbor reads as "not configured", and holds or taints a node that is in order.
package conformance

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/replay"
)

var update = flag.Bool("update", false, "write want.json of each recording instead of comparing with it")

// situations are what every driver shows a recording of, or says why there can be none.
var situations = []string{
	"normal",            // some sessions up, some down
	"nobgp",             // BGP is not configured
	"not_running",       // the BGP daemon is not running
	"nopeers",           // BGP is configured, without neighbors
	"states",            // a neighbor in every state of RFC 4271 that can be held long enough
	"admin_down",        // a neighbor that was shut down
	"ipv6",              // IPv6 neighbors, addresses long enough to fill their column
	"vrf",               // the same address in two VRFs
	"dynamic",           // listen ranges, with and without a neighbor
	"policy_blocked",    // up, with every route refused (RFC 8212)
	"permission_denied", // an account that may not ask
	"banner",            // a message before the answer
}

// garbled are the situations whose answers are also replaced by megabytes of garbage, which takes a while: together they
// have the driver ask every kind of command.
var garbled = []string{"normal", "dynamic"}

// Driver is what the suite needs to know of a driver.
type Driver struct {
	New func(routerclient.Runner) routerclient.Client
	// Testdata is the folder of the recordings, "testdata" if empty: a driver of several transports has one for each.
	Testdata string
	// NotApplicable says, by situation, why there is no recording of it.
	NotApplicable map[string]string
	// Captures are recordings from elsewhere to compare the driver with.
	Captures []Capture
}

// Run runs the suite over the driver's recordings.
func Run(t *testing.T, d Driver) {
	t.Helper()
	testdata := d.Testdata
	if testdata == "" {
		testdata = "testdata"
	}
	recordings := recordings(t, testdata)
	for _, situation := range situations {
		why, skipped := d.NotApplicable[situation]
		if recorded := slices.Contains(recordings, situation); recorded == skipped {
			t.Errorf("situation %s: recorded: %t, said not to apply: %q", situation, recorded, why)
		}
	}
	for _, situation := range recordings {
		t.Run(situation, func(t *testing.T) { testRecording(t, d, filepath.Join(testdata, situation)) })
	}
	t.Run("captures", func(t *testing.T) { testCaptures(t, d) })
}

func recordings(t *testing.T, testdata string) []string {
	t.Helper()
	entries, err := os.ReadDir(testdata)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && entry.Name() != "fuzz" {
			names = append(names, entry.Name())
		}
	}
	return names
}

func testRecording(t *testing.T, d Driver, dir string) {
	runner, err := replay.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := Ask(t, d.New, runner)
	for _, command := range runner.Asked() {
		if _, recorded := runner.Answers[command]; !recorded {
			t.Errorf("the driver asks %s, which is not in the recording", command)
		}
	}
	for command := range runner.Answers {
		if !slices.Contains(runner.Asked(), command) {
			t.Errorf("the driver does not ask %s, which is in the recording", command)
		}
	}
	compareGolden(t, filepath.Join(dir, "want.json"), render(t, snapshot, err))
	testBrokenWays(t, d, runner, snapshot)
	if snapshot != nil && len(snapshot.Sessions) > 0 {
		testDamage(t, d, runner, snapshot, slices.Contains(garbled, filepath.Base(dir)))
	}
}

func compareGolden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s differs (-want +got):\n%s", file, cmp.Diff(string(want), string(got)))
	}
}

// patience is how long a driver may take over one answer, however hostile: some hundred times what ten megabytes take
// a linear parser on a slow machine.
const patience = 20 * time.Second

// Ask takes a snapshot through a client of the runner, and checks what every client owes its callers: an answer or an
// error with a reason, never both, in bounded time, within the model. Fuzz tests call it.
func Ask(t *testing.T, newClient func(routerclient.Runner) routerclient.Client, runner routerclient.Runner) (*routerclient.Snapshot, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client := newClient(runner)
	defer closeTwice(t, client)
	start := time.Now()
	snapshot, err := client.Snapshot(ctx)
	if took := time.Since(start); took > patience {
		t.Errorf("the snapshot took %v", took)
	}
	checkContract(t, snapshot, err)
	return snapshot, err
}

func closeTwice(t *testing.T, client routerclient.Client) {
	t.Helper()
	for range 2 {
		if err := client.Close(); err != nil {
			t.Errorf("closing the client: %v", err)
		}
	}
}
