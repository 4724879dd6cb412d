// Package docs_test runs the commands of the documents, as they are written there.
package docs_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/e2e/controlplane/build"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

// shellTimeout is for all commands of a document, on a machine that builds them anew.
const shellTimeout = 10 * time.Minute

// TestQuickStart follows docs/quickstart.md in a cluster in use: one node peers, and one does not.
func TestQuickStart(t *testing.T) {
	s := story.Own(t, install.Options{}).New(t)
	router := s.NewRouter()
	router.Set("192.168.26.1", "Established")
	s.Join("peers", "192.168.26.1")
	s.Join("forgotten", "192.168.26.2")

	blocks := shellBlocks(t, "docs/quickstart.md")
	host, port, err := net.SplitHostPort(router.Addr())
	if err != nil {
		t.Fatal(err)
	}
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(story.RouterPassword), 0o600); err != nil {
		t.Fatal(err)
	}
	blocks[0] = assign(t, blocks[0], map[string]string{
		"ROUTER": host, "PORT": port, "PLATFORM": "FRR", "ACCOUNT": story.RouterUser, "PASSWORD": password,
	})
	said := runBlocks(s, blocks, router.KnownHosts())

	// The commands said what they should to who follows them.
	for _, want := range []string{"192.168.26.1", "Established", "deployment \"peergate-manager\" successfully rolled out", "forgotten"} {
		if !strings.Contains(said, want) {
			t.Errorf("the commands did not print %q", want)
		}
	}
	s.EventuallySays("forgotten", corev1.ConditionFalse, "NeighborNotConfigured")
	if story.Tainted(s.Node("forgotten")) {
		t.Error("a node that was there before was tainted")
	}
	s.Join("newcomer", "192.168.26.3")
	s.EventuallySays("newcomer", corev1.ConditionFalse, "NeighborNotConfigured")
	if !story.Tainted(s.Node("newcomer")) {
		t.Error("a node that joined after the last step is not held")
	}
	router.Set("192.168.26.3", "Established")
	s.EventuallyOpen("newcomer")
}

var fenced = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// shellBlocks are the blocks of a document that are meant for a shell.
func shellBlocks(t *testing.T, document string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), document))
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range fenced.FindAllSubmatch(text, -1) {
		blocks = append(blocks, string(match[1]))
	}
	if len(blocks) == 0 {
		t.Fatalf("%s has no commands", document)
	}
	return blocks
}

// assign gives the variables that a block sets the values of this test.
func assign(t *testing.T, block string, values map[string]string) string {
	t.Helper()
	for name, value := range values {
		assignment := regexp.MustCompile("(?m)^" + name + "=.*$")
		if !assignment.MatchString(block) {
			t.Fatalf("the first block does not set %s", name)
		}
		block = assignment.ReplaceAllLiteralString(block, fmt.Sprintf("%s='%s'", name, value))
	}
	return block
}

// untilOneFails ends the shell with the first command that fails. "kubectl peergate status" does not fail with 2: it has
// found something that needs a person.
const untilOneFails = "trap 'status=$?; [ $status = 2 ] || exit $status' ERR\n"

// runBlocks runs the blocks in one shell, as admin, and returns what they printed.
func runBlocks(s *story.Story, blocks []string, knownHosts []byte) string {
	s.Helper()
	kubeconfig, err := s.Kubeconfig(s.Config())
	if err != nil {
		s.Fatal(err)
	}
	home := s.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".ssh", "known_hosts"), knownHosts, 0o600); err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.Context(), shellTimeout)
	defer cancel()
	var said bytes.Buffer
	shell := exec.CommandContext(ctx, "bash", "-uxo", "pipefail", "-c", untilOneFails+strings.Join(blocks, "\n"))
	shell.Dir = root(s)
	shell.Stdout, shell.Stderr = &said, &said
	shell.Env = append(goEnvironment(s), "HOME="+home, "KUBECONFIG="+kubeconfig,
		"PATH="+filepath.Dir(s.Binaries().Kubectl)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	if err := shell.Run(); err != nil {
		s.Fatalf("running the commands: %v\n%s", err, &said)
	}
	s.Logf("the commands said:\n%s", &said)
	return said.String()
}

// goEnvironment keeps Go's caches where they are, though HOME is elsewhere.
func goEnvironment(t testing.TB) []string {
	t.Helper()
	environment := os.Environ()
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} {
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		environment = append(environment, name+"="+strings.TrimSpace(string(value)))
	}
	return environment
}

// root is the project's.
func root(t testing.TB) string {
	t.Helper()
	config, err := build.Config("default")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(filepath.Dir(config))
}
