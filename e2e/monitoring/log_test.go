package monitoring_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"github.com/peergate/peergate/e2e/story"
)

// privateKey is one that OpenSSH made: PEM, of several lines.
func privateKey(t *testing.T) []byte {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(block)
}

// entry is a line of a replica's log.
type entry map[string]any

func (e entry) text(key string) string {
	text, _ := e[key].(string)
	return text
}

// log is what all replicas have logged so far, at every level.
func (r *run) log() []byte {
	r.Helper()
	log, err := r.Peergate.Logs()
	if err != nil {
		r.Fatal(err)
	}
	return log
}

// entries are the lines of the log at level info and above, which is what is logged by default.
func (r *run) entries() (entries []entry) {
	r.Helper()
	for line := range bytes.Lines(r.log()) {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			r.Fatalf("the log has a line that is not JSON: %s", line)
		}
		if e.text("level") != "debug" {
			entries = append(entries, e)
		}
	}
	return entries
}

// nothingIsLogged: routers are asked all the time, nodes send heartbeats, the lease is renewed, Prometheus scrapes.
func (r *run) nothingIsLogged() {
	before := len(r.entries())
	select {
	case <-time.After(steady):
	case <-r.Context().Done():
		r.Fatal(r.Context().Err())
	}
	if news := r.entries()[before:]; len(news) > 0 {
		r.Errorf("in %s in which nothing happened, this was logged:\n%v", steady, news)
	}
}

func (r *run) readLog() {
	r.expectNoSecret()
	r.expectShortLines()
	r.expectOneVocabulary()
}

func (r *run) expectNoSecret() {
	log := string(r.log())
	for name, secret := range map[string]string{
		"the password of the router":        story.RouterPassword,
		"SNMP's passphrase to authenticate": authPassphrase,
		"SNMP's passphrase to encrypt":      privPassphrase,
		"the second line of a private key":  strings.Split(string(r.key), "\n")[1],
		"a token":                           "eyJhbGciOi", // the beginning of every JSON Web Token with an alg first
	} {
		if strings.Contains(log, secret) {
			r.Errorf("the log has %s", name)
		}
	}
}

// expectShortLines: what a router prints is not repeated at length.
func (r *run) expectShortLines() {
	const enough = 2048
	quoted := false
	for _, e := range r.entries() {
		line, err := json.Marshal(e)
		if err != nil {
			r.Fatal(err)
		}
		quoted = quoted || strings.Contains(e.text("message"), strings.TrimSpace(babble))
		if len(line) > enough {
			r.Errorf("a line has %d bytes: %.200s…", len(line), line)
		}
	}
	if !quoted {
		r.Error("no line has the router's own words, without which their length proves nothing")
	}
}

// subjects are the keys of what a line of a controller is about.
var subjects = map[string]string{
	"nodelifecycle": "node", "routerpoll": "router", "policystatus": "policy", "speakerwatch": "daemonset",
}

// expectOneVocabulary: the same thing has the same key in every line of a reconcile.
func (r *run) expectOneVocabulary() {
	about := map[string]int{}
	for _, e := range r.entries() {
		key, ok := subjects[e.text("controller")]
		if !ok || e.text("reconcileID") == "" {
			continue
		}
		about[key]++
		// An error has words of its own; a leader that stops gives up what it was writing with one.
		if e.text(key) == "" || (e.text("reason") == "" && e.text("error") == "") {
			r.Errorf("a line without %s, or without reason: %v", key, e)
		}
	}
	for _, key := range subjects {
		if about[key] == 0 {
			r.Errorf("no line is about a %s", key)
		}
	}
}

// change is what a line says of a node.
type change struct{ State, Taint, Reason string }

// expectOneLineAChange: every change of a node, a router or a guard is a line, and none is told of twice.
func (r *run) expectOneLineAChange() {
	changes := map[string][]change{}
	for _, e := range r.entries() {
		about := e.text("node") + e.text("router") + e.text("policy")
		if strings.HasSuffix(e.text("msg"), " changed") {
			changes[about] = append(changes[about], change{e.text("state"), e.text("taint"), e.text("reason")})
		}
	}
	for about, all := range changes {
		if len(slices.Compact(slices.Clone(all))) < len(all) {
			r.Errorf("%s was told of twice in a row: %v", about, all)
		}
	}
	want := []change{
		{"held", "kept", "NeighborNotConfigured"},
		{"peered", "removed", "SessionEstablished"},
	}
	if diff := cmp.Diff(want, changes[late][:min(len(want), len(changes[late]))]); diff != "" {
		r.Errorf("node %s joined and was opened (-want +log):\n%s\nall of it: %v", late, diff, changes[late])
	}
}
