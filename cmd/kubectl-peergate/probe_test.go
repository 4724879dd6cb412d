package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/routertest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// recording is one of the FRR driver's, made with the real FRR.
func recording(situation string) string {
	return filepath.Join("..", "..", "routerclient", "frr", "testdata", situation)
}

func peergate(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := newCommand()
	cmd.SetArgs(args)
	cmd.SetIn(strings.NewReader(stdin))
	cmd.SetOut(&out)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestProbePrints(t *testing.T) {
	tests := map[string][]string{
		"table":       {recording("normal")},
		"wide":        {recording("dynamic"), "-o", "wide"},
		"json":        {recording("normal"), "-o", "json"},
		"yaml":        {recording("admin_down"), "-o", "yaml"},
		"every-vrf":   {recording("vrf"), "--vrf", "*"},
		"missing":     {recording("normal"), "--neighbor", "192.0.2.99"},
		"established": {recording("normal"), "--neighbor", "192.0.2.11"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			args = append([]string{"probe", "edge.example.net", "--platform", "FRR", "--replay"}, args...)
			got, err := peergate(t, "", args...)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", name+".txt"), got)
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestProbeWithoutAnswer(t *testing.T) {
	out, err := peergate(t, "", "probe", "--platform", "FRR", "--replay", recording("not_running"))
	if !errors.Is(err, errNoAnswer) || !strings.Contains(out, "BGPNotRunning") {
		t.Errorf("error %v, output %q; a script must see that there is no answer, and a person why", err, out)
	}
}

const password = "correct horse battery staple"

// TestProbeOfWhatTheClusterHas: doctor has a person type kubectl get bgprouter edge -o yaml | kubectl peergate probe -f -.
func TestProbeOfWhatTheClusterHas(t *testing.T) {
	const router = `apiVersion: peergate.dev/v1alpha1
kind: BGPRouter
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"kind": "BGPRouter"}
  creationTimestamp: "2026-03-01T12:00:00Z"
  generation: 1
  managedFields:
  - apiVersion: peergate.dev/v1alpha1
    fieldsType: FieldsV1
    fieldsV1: {"f:spec": {}}
    manager: kubectl
    operation: Update
    time: "2026-03-01T12:00:00Z"
  name: edge
  resourceVersion: "7"
  uid: 2f9c8a4e-4c0a-4b6c-9f0e-0d1c2b3a4f5e
spec:
  address: 192.0.2.1
  credentialsSecretRef: {name: edge}
  platform: FRR
  poll: {fastInterval: 1s, interval: 30s, staleAfter: 1m30s, timeout: 10s}
  vrf: default
status:
  conditions:
  - lastTransitionTime: "2026-03-01T12:00:00Z"
    message: The router answers.
    reason: Answered
    status: "True"
    type: Reachable
  sessions: {established: 2, down: 0}
  strayNeighbors: 1
`
	out, err := peergate(t, router, "probe", "-f", "-", "--replay", recording("normal"))
	if err != nil || !strings.Contains(out, "192.0.2.11") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestProbeOfNoSessions: a script finds a list, though an empty one.
func TestProbeOfNoSessions(t *testing.T) {
	for _, situation := range []string{"nopeers", "not_running"} {
		out, _ := peergate(t, "", "probe", "--platform", "FRR", "--replay", recording(situation), "-o", "json")
		if !strings.Contains(out, `"sessions": []`) {
			t.Errorf("%s: %s", situation, out)
		}
	}
}

// TestRecordAndReplay asks a router that repeats the password, and gives the recording away.
func TestRecordAndReplay(t *testing.T) {
	summary, err := os.ReadFile(filepath.Join(recording("nopeers"), "01.stdout"))
	if err != nil {
		t.Fatal(err)
	}
	router := routertest.NewServer(t, routertest.Options{
		User: "peergate", Password: password,
		Handler: routertest.Recorded(map[string]routerclient.Output{
			`vtysh -c "show bgp vrf all summary json"`: {Stdout: append([]byte("You logged in with "+password+"\n"), summary...)},
			`vtysh -c "show bgp peer-group json"`:      {Stdout: []byte("{}\n")},
		}),
	})
	manifest := filepath.Join(t.TempDir(), "router.yaml")
	if err := os.WriteFile(manifest, []byte(manifestOf(router)), 0o600); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "kept")
	live, err := peergate(t, "", "probe", "-f", manifest, "--record", kept)
	if err != nil {
		t.Fatal(err, live)
	}
	replayed, err := peergate(t, "", "probe", router.Addr(), "--platform", "FRR", "--replay", kept)
	if err != nil || replayed != live {
		t.Errorf("the recording reads differently, %v (-live +replayed):\n%s", err, cmp.Diff(live, replayed))
	}
	files, _ := filepath.Glob(filepath.Join(kept, "*"))
	if len(files) == 0 {
		t.Fatal("nothing was recorded")
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(password)) {
			t.Errorf("%s holds the password", file)
		}
	}
}

func manifestOf(router *routertest.Server) string {
	return fmt.Sprintf(`apiVersion: peergate.dev/v1alpha1
kind: BGPRouter
metadata: {name: edge}
spec:
  address: %s
  platform: FRR
  credentialsSecretRef: {name: edge}
---
apiVersion: v1
kind: Secret
metadata: {name: edge}
stringData:
  username: peergate
  password: %s
  known_hosts: %q
`, router.Addr(), password, router.KnownHosts())
}

func TestProbeRefuses(t *testing.T) {
	tests := map[string]struct {
		args    []string
		stdin   string
		problem string
	}{
		"no router":             {[]string{"--platform", "FRR"}, "", "give its ADDRESS"},
		"no platform":           {[]string{"192.0.2.1"}, "", `--platform: "" is not one of BIRD, `},
		"an unknown platform":   {[]string{"192.0.2.1", "--platform", "PDP-11"}, "", "EdgeOS, "},
		"an unknown format":     {[]string{"192.0.2.1", "--platform", "FRR", "-o", "xml"}, "", "wide, json, yaml"},
		"not an address":        {[]string{"192.0.2.1", "--platform", "FRR", "--neighbor", "leviathan3"}, "", `--neighbor: "leviathan3"`},
		"no password, no key":   {[]string{"192.0.2.1", "--platform", "FRR", "-u", "x"}, "", "Here --username, --password-file, --identity"},
		"a VRF besides a file":  {[]string{"-f", "-", "--vrf", "red"}, "", "[filename vrf]"},
		"an empty manifest":     {[]string{"-f", "-"}, "", "no BGPRouter"},
		"a misspelled field":    {[]string{"-f", "-"}, "kind: BGPRouter\nspec: {adress: x}\n", "adress"},
		"two routers":           {[]string{"-f", "-"}, "kind: BGPRouter\n---\nkind: BGPRouter\n", "more than one"},
		"not a recording":       {[]string{"--platform", "FRR", "--replay", t.TempDir()}, "", "no commands"},
		"record of a recording": {[]string{"--platform", "FRR", "--replay", "a", "--record", "b"}, "", "record replay"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := peergate(t, test.stdin, append([]string{"probe"}, test.args...)...)
			if err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("error %v, want one with %q", err, test.problem)
			}
		})
	}
}
