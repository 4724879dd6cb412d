package interop_test

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/replay"
)

// recordEnv, set to 1, makes TestRecord write the drivers' testdata. Then run "go test ./routerclient/... -update", and
// read the difference. It needs python3. Version 4 of GoBGP is recorded if gobgp4Env names a directory with its programs.
const (
	recordEnv = "PEERGATE_RECORD"
	gobgp4Env = "PEERGATE_GOBGP4"
)

// recording is a situation to bring a router into.
type recording struct {
	// config is the router's whole configuration.
	config string
	// nodes are the speakers by the last byte of their addresses.
	nodes map[byte]speaker
	// silent and opening accept connections and say nothing, or only OPEN.
	silent, opening byte
	// lines are typed in the router's shell before it is asked.
	lines []string
	// ready is true of the answer to record; nil where the first one will do.
	ready func(*routerclient.Snapshot) bool
	// access replaces the documented account.
	access *lab.Access
	// killed ends the daemon before it is asked.
	killed bool
	// programs is a directory with programs that replace the machine's.
	programs string
}

// withAccess is a daemon with another account.
type withAccess struct {
	lab.Daemon
	access lab.Access
}

func (d withAccess) Access() lab.Access { return d.access }

func TestRecord(t *testing.T) {
	if os.Getenv(recordEnv) != "1" {
		t.Skip(recordEnv + " is not set to 1")
	}
	for _, r := range routers {
		for situation, is := range recordings[r.name] {
			t.Run(r.name+"/"+situation, func(t *testing.T) {
				t.Parallel()
				record(t, r, situation, is)
			})
		}
	}
}

func record(t *testing.T, r router, situation string, is recording) {
	if is.access != nil {
		r.daemon = withAccess{Daemon: r.daemon, access: *is.access}
	}
	s := newSite(t, r, lab.Instance{})
	if is.programs != "" {
		for _, program := range r.daemon.Requires() {
			path, err := s.Exec(t.Context(), "which", program)
			check(t, err)
			_, err = s.Exec(t.Context(), "mount", "--bind", filepath.Join(is.programs, program), strings.TrimSpace(path))
			check(t, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s.configure(ctx, t, r, is.config)
	for n, speaker := range is.nodes {
		s.startNode(t, addr(n), speaker)
	}
	s.startMute(t, is.silent, false)
	s.startMute(t, is.opening, true)
	if len(is.lines) > 0 {
		_, err := s.Type(t.Context(), is.lines...)
		check(t, err)
	}
	if is.killed {
		check(t, s.KillBGPD(t.Context()))
	}
	if is.ready != nil {
		s.await(t, func(snapshot *routerclient.Snapshot, err error) error {
			if err == nil && !is.ready(snapshot) {
				return fmt.Errorf("not ready: %+v", snapshot)
			}
			return err
		})
	}
	dir := filepath.Join("..", "..", "routerclient", strings.ToLower(r.name), "testdata", situation)
	check(t, os.RemoveAll(dir))
	check(t, os.MkdirAll(dir, 0o755))
	snapshot, err := r.client(&replay.Recorder{Runner: login(t, s.Router), Dir: dir}).Snapshot(t.Context())
	t.Logf("recorded %+v, %v", snapshot, err)
}

// configure replaces the router's configuration.
func (s *site) configure(ctx context.Context, t *testing.T, r router, config string) {
	t.Helper()
	file := r.daemon.ConfigDir()
	if r.name == "BIRD" {
		file += "/bird.conf"
	}
	_, err := s.Exec(ctx, "sh", "-c", `printf %s "$1" >"$2"`, "sh", config, file)
	check(t, err)
	check(t, s.Restart(ctx))
}

// mute is a neighbor that never gets to Established.
const mute = `
import socket, struct, sys
address, opens = sys.argv[1:]
body = struct.pack(">BHH4sB", 4, 64513, 180, socket.inet_aton(address), 0)
message = b"\xff" * 16 + struct.pack(">HB", 19 + len(body), 1) + body
listener = socket.create_server((address, 179))
kept = []
while True:
    kept.append(listener.accept()[0])
    if opens == "true":
        kept[-1].sendall(message)
`

func (s *site) startMute(t *testing.T, n byte, opens bool) {
	t.Helper()
	if n == 0 {
		return
	}
	host := s.lab.NewNode(lab.Spec{
		Name: fmt.Sprintf("mute%d", n), Addrs: addrs(addr(n)), Daemon: lab.BIRD{}, BGP: lab.BGP{Instances: []lab.Instance{{ASN: nodeASN}}},
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = host.Exec(ctx, "python3", "-c", mute, addr(n).String(), fmt.Sprint(opens)) // ends with the test
	}()
	t.Cleanup(func() { cancel(); <-done })
}

// inStates is true once every neighbor is in its state.
func inStates(want map[byte]routerclient.State) func(*routerclient.Snapshot) bool {
	return func(s *routerclient.Snapshot) bool {
		for n, state := range want {
			if session, found := sessionOf(s, addr(n)); !found || session.State != state {
				return false
			}
		}
		return true
	}
}

// all is true once every one of several conditions is.
func all(conditions ...func(*routerclient.Snapshot) bool) func(*routerclient.Snapshot) bool {
	return func(s *routerclient.Snapshot) bool {
		return !slices.ContainsFunc(conditions, func(c func(*routerclient.Snapshot) bool) bool { return !c(s) })
	}
}

// receives is true once a neighbor's prefixes are there.
func receives(n byte, prefixes uint64) func(*routerclient.Snapshot) bool {
	return func(s *routerclient.Snapshot) bool {
		session, _ := sessionOf(s, addr(n))
		return len(session.Families) > 0 && session.Families[0].Received == prefixes
	}
}

// says is true once a neighbor has a reason for being down.
func says(n byte) func(*routerclient.Snapshot) bool {
	return func(s *routerclient.Snapshot) bool {
		session, found := sessionOf(s, addr(n))
		return found && session.Detail != ""
	}
}

func announcing(prefixes ...string) speaker {
	s := speaker{daemon: lab.BIRD{}}
	for _, p := range prefixes {
		s.networks = append(s.networks, netip.MustParsePrefix(p))
	}
	return s
}

// Speakers of the recordings: with two routes, with one, in an AS that the router does not expect.
var (
	twoRoutes = announcing("203.0.113.1/32", "203.0.113.2/32")
	oneRoute  = announcing("203.0.113.1/32")
	stranger  = speaker{daemon: lab.BIRD{}, asn: nodeASN + 1}
)

// script is an account's forced command in the words of a shell.
func script(group, words string) *lab.Access {
	return &lab.Access{Group: group, ForcedCommand: []byte("#!/bin/sh\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n" + words + "\n")}
}

const (
	asAsked   = `exec sh -c "$SSH_ORIGINAL_COMMAND"`
	greeting  = `printf '%s\n' '*** {Private} network. ***' '' 'Authorised use only.'` + "\n"
	blackHole = "ip neighbor replace 192.168.3.14 lladdr 02:00:00:00:00:99 dev eth0"
)

var recordings = map[string]map[string]recording{"BIRD": ofBIRD(), "OpenBGPD": ofOpenBGPD(), "GoBGP": ofGoBGP()}
