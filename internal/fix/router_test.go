package fix_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/internal/fix"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/platform"
	"github.com/peergate/peergate/routerclient/replay"
	"github.com/peergate/peergate/routerclient/routertest"
	"github.com/peergate/peergate/routerclient/sshexec"
)

var update = flag.Bool("update", false, "write the golden files anew")

// scripted is a router that shows what its driver's recordings show: those without neighbors, and from the line that
// makes it take the neighbor those with them.
type scripted struct {
	platform   string
	recordings string
	peer       string
	group      string
	// takes and drops are in the lines after which the router has the neighbor, and never has it again.
	takes, drops string
	// refuses is in the line that it answers with words.
	refuses, words string
	// configuration is what it answers to the line that looks for the neighbor.
	configuration string
	// refusesTerminals is true of an account that may run commands only.
	refusesTerminals bool
	// hangsUpAfter is in the line after which it ends the session.
	hangsUpAfter string

	mu         sync.Mutex
	has        bool
	before     map[string]routerclient.Output
	after      map[string]routerclient.Output
	transcript strings.Builder
}

func (s *scripted) load(t *testing.T) {
	t.Helper()
	dir := filepath.Join("..", "..", "routerclient", s.recordings)
	for situation, answers := range map[string]*map[string]routerclient.Output{"nopeers": &s.before, "normal": &s.after} {
		recording, err := replay.Load(filepath.Join(dir, situation))
		if err != nil {
			t.Fatal(err)
		}
		*answers = recording.Answers
	}
}

// note writes down what the router was told, and returns what it answers.
func (s *scripted) note(mark, line string) (answer string, refused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(&s.transcript, mark, line)
	switch {
	case s.drops != "" && strings.Contains(line, s.drops):
		s.has, s.takes = false, ""
	case s.refuses != "" && strings.Contains(line, s.refuses):
		for said := range strings.Lines(s.words) {
			fmt.Fprint(&s.transcript, "  ", said)
		}
		fmt.Fprintln(&s.transcript)
		return s.words, true
	case strings.HasPrefix(line, "show ") || strings.HasPrefix(line, "info ") || strings.Contains(line, "show running-config"):
		return s.configuration, false
	case s.takes != "" && strings.Contains(line, s.takes):
		s.has = true
	}
	return "", false
}

func (*scripted) Prompt() string { return "edge# " }

func (s *scripted) Type(line string) (answer string, goesOn bool) {
	answer, _ = s.note(">", line)
	return answer, s.hangsUpAfter == "" || !strings.Contains(line, s.hangsUpAfter)
}

func (s *scripted) run(_ context.Context, command string, stdout, _ io.Writer) int {
	s.mu.Lock()
	answers := s.before
	if s.has {
		answers = s.after
	}
	s.mu.Unlock()
	if out, question := answers[command]; question {
		_, _ = stdout.Write(out.Stdout)
		return out.ExitStatus
	}
	answer, refused := s.note("$", command)
	_, _ = io.WriteString(stdout, answer)
	if refused {
		return 1
	}
	return 0
}

func (s *scripted) login() routertest.CommandLine {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(&s.transcript, "- terminal")
	return s
}

func (s *scripted) missing() routerclient.Missing {
	return routerclient.Missing{
		Peer: netip.MustParseAddr(s.peer), VRF: routerclient.DefaultVRF, LocalASN: 64512, RemoteASN: 64513, PeerGroup: s.group,
	}
}

// serve is the router as a person with an account reaches it.
func (s *scripted) serve(t *testing.T) (*fix.Router, fix.Plan) {
	t.Helper()
	s.load(t)
	p, ok := platform.Lookup(s.platform)
	if !ok {
		t.Fatalf("no platform %s", s.platform)
	}
	options := routertest.Options{
		Handler: s.run,
		Shell:   routertest.Terminal("Welcome", s.login),
		Faults:  routertest.Faults{OneCommandPerConnection: p.OneCommandPerConnection},
	}
	if s.refusesTerminals {
		options.Shell = nil
	}
	server := routertest.NewServer(t, options)
	runner, err := sshexec.New(sshexec.Config{
		Address: server.Addr(), Username: "operator", Password: "their own", KnownHosts: server.KnownHosts(),
		OneCommandPerConnection: p.OneCommandPerConnection,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = runner.Close() })
	plan, err := fix.NewPlan(s.platform, s.missing(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return &fix.Router{
		Client: p.New(runner, platform.Options{VRF: routerclient.DefaultVRF, Transport: platform.SSH}), Runner: runner,
		OpenTerminal: func(ctx context.Context) (fix.Terminal, error) { return runner.Terminal(ctx) },
		Interval:     time.Millisecond, Look: 10 * time.Second, Settle: 10 * time.Second, UndoTimeout: 10 * time.Second,
		Typed: func(string) {},
	}, plan
}

// platforms are those that lines are typed into, with the line that each refuses in its own words.
var platforms = []*scripted{
	{
		platform: "FRR", recordings: "frr/testdata", peer: "192.0.2.11", takes: "remote-as", drops: "no neighbor 192.0.2.11",
		refuses: "activate", words: "% Unknown command: neighbor 192.0.2.11 activate\n",
	},
	{
		platform: "VyOS", recordings: "frr/testdata", peer: "192.0.2.11", takes: "commit", drops: "delete protocols bgp neighbor 192.0.2.11",
		refuses: "address-family", words: "\n  Configuration path: protocols bgp neighbor 192.0.2.11 [address-family] is not valid\n  Set failed\n",
	},
	{
		platform: "EdgeOS", recordings: "edgeos/testdata", peer: "192.168.3.31", group: "K8S", takes: "commit", drops: "delete protocols bgp 64512 neighbor 192.168.3.31",
		refuses: "commit", words: "[ protocols bgp 64512 neighbor 192.168.3.31 peer-group K8S ]\nProtocols configuration error: peer-group K8S doesn't exist\n\nCommit failed",
	},
	{
		platform: "IOS", recordings: "ios/testdata", peer: "192.168.3.31", group: "K8S", takes: "remote-as", drops: "no neighbor 192.168.3.31 remote-as",
		refuses: "peer-group K8S", words: "% Configure the peer-group K8S first",
	},
	{
		platform: "NXOS", recordings: "nxos/testdata", peer: "192.168.3.31", takes: "neighbor 192.168.3.31", drops: "no neighbor 192.168.3.31",
		refuses: "address-family", words: "                                       ^\n% Invalid command at '^' marker.",
	},
	{
		platform: "IOSXR", recordings: "iosxr/testdata", peer: "192.168.3.31", group: "K8S", takes: "commit", drops: "no neighbor 192.168.3.31",
		refuses: "commit", words: "% Failed to commit one or more configuration items during a pseudo-atomic operation.",
	},
	{
		platform: "EOS", recordings: "eos/testdata", peer: "192.168.3.31", group: "K8S", takes: "commit", drops: "no neighbor 192.168.3.31",
		refuses: "peer group K8S", words: "% Cannot add neighbor to undefined peer group",
	},
	{
		platform: "Junos", recordings: "junos/testdata", peer: "192.0.2.11", group: "K8S", takes: "commit", drops: "delete protocols bgp group K8S neighbor 192.0.2.11",
		refuses: "commit and-quit", words: "[edit protocols bgp group K8S]\n  'neighbor 192.0.2.11'\n    Error in neighbor 192.0.2.11\nerror: configuration check-out failed",
	},
	{
		platform: "SRLinux", recordings: "srlinux/testdata", peer: "192.0.2.11", group: "k8s", takes: "commit", drops: "delete / network-instance default protocols bgp neighbor 192.0.2.11",
		refuses: "peer-as", words: "Error: Path '.network-instance{.name==\"default\"}' is not valid",
	},
	{
		platform: "GoBGP", recordings: "gobgp/testdata", peer: "192.168.3.11", takes: "neighbor add", drops: "neighbor del",
		refuses: "neighbor add", words: "can't overwrite the existing peer: 192.168.3.11: failed\n",
	},
	{
		platform: "RouterOS", recordings: "routeros/testdata/ssh7", peer: "192.168.3.31", takes: "connection/add", drops: "connection/remove",
		refuses: "connection/add", words: "expected end of command (line 1 column 90)\n",
	},
	{
		platform: "RouterOS6", recordings: "routeros/testdata/ssh6", peer: "192.168.3.31", takes: "peer add", drops: "peer remove",
		refuses: "peer add", words: "failure: already have such peer\n",
	},
}

// TestApply has every platform take the neighbor, and refuse a line in the middle: the golden files are what was typed.
func TestApply(t *testing.T) {
	for _, like := range platforms {
		for _, situation := range []string{"accepted", "refused"} {
			t.Run(like.platform+"/"+situation, func(t *testing.T) {
				t.Parallel()
				s := &scripted{platform: like.platform, recordings: like.recordings, peer: like.peer, group: like.group, takes: like.takes, drops: like.drops}
				if situation == "refused" {
					s.refuses, s.words = like.refuses, like.words
				}
				router, plan := s.serve(t)
				err := router.Apply(t.Context(), plan)
				if situation == "accepted" && err == nil {
					err = router.AwaitEstablished(t.Context(), 10*time.Second, plan.Missing)
				}
				s.check(t, situation, err)
				if s.has != (situation == "accepted") {
					t.Errorf("the router has the neighbor: %t", s.has)
				}
			})
		}
	}
}

// check compares what was typed, and what came of it, with the golden file.
func (s *scripted) check(t *testing.T, situation string, err error) {
	t.Helper()
	got := s.transcript.String()
	if err != nil {
		got += "error: " + err.Error() + "\n"
	}
	path := filepath.Join("testdata", s.platform, situation+".txt")
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, readErr := os.ReadFile(path)
	if readErr != nil {
		t.Fatal(readErr)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
