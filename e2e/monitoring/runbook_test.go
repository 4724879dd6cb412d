package monitoring_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/peergate/peergate/e2e/controlplane/build"
)

// expectRunbooksRun runs every command of docs/runbooks.md, in its order, for a person who may do everything.
func (r *run) expectRunbooksRun() {
	binaries, err := build.All(r.Context(), os.Stderr)
	if err != nil {
		r.Fatal(err)
	}
	kubeconfig, err := r.Kubeconfig(r.Config())
	if err != nil {
		r.Fatal(err)
	}
	// What the alerts name.
	names := strings.NewReplacer("NODE ", late+" ", "=NODE", "="+late, "ROUTER", r.ID, "POLICY", r.ID,
		"-n NAMESPACE", "-n metallb-system", "DAEMONSET", "speaker")
	for _, command := range r.runbookCommands() {
		if strings.Contains(command, " logs ") {
			continue // no kubelet runs here to give them
		}
		if strings.HasPrefix(command, "kubectl taint ") {
			r.taintAgain()
		}
		cmd := exec.CommandContext(r.Context(), "bash", "-euo", "pipefail", "-c", names.Replace(command))
		cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "PATH="+filepath.Dir(binaries.Kubectl)+":"+os.Getenv("PATH"))
		if out, err := cmd.CombinedOutput(); err != nil {
			r.Errorf("%s: %v\n%s", cmd.Args[4], err, out)
		}
	}
}

// taintAgain makes sure that there is a taint to take away.
func (r *run) taintAgain() {
	r.edge.Set(addressOf(late), "Idle")
	r.EventuallyTainted(late)
}

func (r *run) runbookCommands() (commands []string) {
	path, err := build.Config("..", "docs", "runbooks.md")
	if err != nil {
		r.Fatal(err)
	}
	document, err := os.ReadFile(path)
	if err != nil {
		r.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(string(document), -1) {
		commands = append(commands, strings.Split(strings.TrimSpace(block[1]), "\n")...)
	}
	if len(commands) == 0 {
		r.Fatal("docs/runbooks.md has no commands")
	}
	return commands
}
