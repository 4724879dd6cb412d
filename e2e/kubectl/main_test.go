// Package kubectl_test runs kubectl peergate as people do: as a plugin of the real kubectl, against a real control plane,
// with the rights of those who type it.
package kubectl_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

var (
	suite *story.Suite
	// plugins is the directory of the command, for kubectl to find it.
	plugins string
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if plugins, err = os.MkdirTemp("", "peergate-plugins-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(plugins)
	build := exec.Command("go", "build", "-o", filepath.Join(plugins, "kubectl-peergate"), "./cmd/kubectl-peergate")
	build.Dir = filepath.Join("..", "..")
	if output, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the command: %v\n%s", err, output)
		return 1
	}
	if err := copyCompletion(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return story.Main(m, install.Options{}, func(s *story.Suite) { suite = s })
}

// copyCompletion puts what kubectl runs for the completion of the plugin next to it.
func copyCompletion() error {
	const name = "kubectl_complete-peergate"
	script, err := os.ReadFile(filepath.Join("..", "..", "cmd", "kubectl-peergate", name))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(plugins, name), script, 0o755)
}

// person is somebody at a shell.
type person struct {
	*story.Story
	kubeconfig string
}

// personWith is a person with an identity.
func personWith(s *story.Story, config *rest.Config) person {
	s.Helper()
	kubeconfig, err := s.Kubeconfig(config)
	if err != nil {
		s.Fatal(err)
	}
	return person{s, kubeconfig}
}

// admin may do everything.
func admin(s *story.Story) person {
	s.Helper()
	return personWith(s, s.Config())
}

// user has cluster roles, and nothing else.
func user(s *story.Story, name string, clusterRoles ...string) person {
	s.Helper()
	s.User(name, clusterRoles...)
	config, err := s.Cluster.User(name)
	if err != nil {
		s.Fatal(err)
	}
	return personWith(s, config)
}

// answer is what a command printed, and how it ended.
type answer struct {
	out, err string
	code     int
}

func (a answer) String() string { return fmt.Sprintf("exit code %d\n%s%s", a.code, a.out, a.err) }

// command is kubectl peergate with the arguments, as a process that the context ends.
func (p person) command(ctx context.Context, args ...string) *exec.Cmd {
	return p.kubectl(ctx, append([]string{"peergate"}, args...)...)
}

func (p person) kubectl(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.Binaries().Kubectl, args...)
	cmd.Env = append(os.Environ(), "PATH="+plugins+string(filepath.ListSeparator)+os.Getenv("PATH"), "KUBECONFIG="+p.kubeconfig)
	return cmd
}

// types runs a command to its end.
func (p person) types(args ...string) answer {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.Context(), story.Patience)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := p.command(ctx, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		p.Fatalf("kubectl peergate %s: %v", strings.Join(args, " "), err)
	}
	return answer{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// expects runs a command that must end with the code and print the words, to standard output or to standard error.
func (p person) expects(code int, words []string, args ...string) {
	p.Helper()
	a := p.types(args...)
	if a.code != code {
		p.Errorf("kubectl peergate %s: want exit code %d: %s", strings.Join(args, " "), code, a)
	}
	for _, word := range words {
		if !strings.Contains(a.out+a.err, word) {
			p.Errorf("kubectl peergate %s does not say %q: %s", strings.Join(args, " "), word, a)
		}
	}
}

// eventually repeats a command until it says that all is well.
func (p person) eventually(args ...string) {
	p.Helper()
	p.Eventually(fmt.Sprintf("kubectl peergate %s says that all is well", strings.Join(args, " ")), func(context.Context) error {
		if a := p.types(args...); a.code != 0 {
			return errors.New(a.String())
		}
		return nil
	})
}
