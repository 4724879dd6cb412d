package lab_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/peergate/peergate/e2e/lab"
)

// nobody is the user without rights of every Linux.
const nobody = 65534

func TestWithoutRoot(t *testing.T) {
	lab.New(t) // as root
	for name, c := range map[string]struct {
		env  string
		want string
	}{
		"skips":                   {"CI=", "--- SKIP"},
		"fails in CI":             {"CI=true", "--- FAIL"},
		"fails where it must run": {lab.RequireEnv + "=1", "--- FAIL"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.v", "-test.run=^TestVRF$")
			cmd.Dir = "/"
			cmd.Env = append(os.Environ(), "CI=", lab.RequireEnv+"=", c.env)
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
			out, _ := cmd.CombinedOutput() // fails where the test does
			for _, want := range []string{c.want, "this machine cannot run the lab: not running as root"} {
				if !strings.Contains(string(out), want) {
					t.Errorf("want %q in:\n%s", want, out)
				}
			}
		})
	}
}
