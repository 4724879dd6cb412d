package fix_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/e2e/controlplane/build"
)

// operator is a person with an account on the router, who may only read in the cluster.
type operator struct {
	program    string
	kubeconfig string
	flags      []string
}

func (s *site) newOperator() operator {
	s.Helper()
	dir := s.TempDir()
	o := operator{program: s.build(), kubeconfig: s.readerKubeconfig()}
	login, err := s.edge.Operator("anna", "/bin/sh")
	s.check(err)
	key, knownHosts := filepath.Join(dir, "id_ed25519"), filepath.Join(dir, "known_hosts")
	s.check(errors.Join(os.WriteFile(key, login.PrivateKey, 0o600), os.WriteFile(knownHosts, login.KnownHosts, 0o600)))
	o.flags = []string{"--username", login.User, "--identity", key, "--known-hosts", knownHosts}
	return o
}

// build builds the command as it is here.
func (s *site) build() string {
	s.Helper()
	program := filepath.Join(s.TempDir(), "kubectl-peergate")
	config, err := build.Config()
	s.check(err)
	compile := exec.CommandContext(s.Context(), "go", "build", "-o", program, "./cmd/kubectl-peergate")
	compile.Dir = filepath.Dir(config)
	if out, err := compile.CombinedOutput(); err != nil {
		s.Fatalf("building kubectl-peergate: %v\n%s", err, out)
	}
	return program
}

// readerKubeconfig is for a user with the role that is shipped for the command, and no other.
func (s *site) readerKubeconfig() string {
	s.Helper()
	user := "anna-" + s.ID
	s.Create(&rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: user},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "peergate-cli"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	})
	config, err := s.Cluster.User(user)
	s.check(err)
	path, err := s.Kubeconfig(config)
	s.check(err)
	return path
}

// fix runs the command, with what the person types, and returns what it prints and its exit status.
func (s *site) fix(typed string, args ...string) (printed string, status int) {
	s.Helper()
	args = append(append([]string{"fix", s.nodeName(unknown), "--kubeconfig", s.operator.kubeconfig}, s.operator.flags...), args...)
	cmd := exec.CommandContext(s.deadline(), s.operator.program, args...)
	cmd.Stdin = strings.NewReader(typed)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), exit.ExitCode()
	}
	s.check(err)
	return out.String(), 0
}

// wants fails the test unless the command ended with the status and printed all words.
func (s *site) wants(printed string, status, wanted int, words ...string) {
	s.Helper()
	if status != wanted {
		s.Errorf("exit status %d, want %d", status, wanted)
	}
	for _, word := range words {
		if !strings.Contains(printed, word) {
			s.Errorf("nothing says %q", word)
		}
	}
	if s.Failed() {
		s.Fatalf("the command printed:\n%s", printed)
	}
}
