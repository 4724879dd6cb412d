package posixsh_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/posixsh"
)

func TestJoin(t *testing.T) {
	for want, argv := range map[string][]string{
		`vtysh -c "show bgp vrf all summary json"`:                                   {"vtysh", "-c", "show bgp vrf all summary json"},
		`sudo -n docker exec bgp vtysh -c "show bgp vrfs json"`:                      {"sudo", "-n", "docker", "exec", "bgp", "vtysh", "-c", "show bgp vrfs json"},
		`'$(reboot)' "" "a;b" "don't" 'say "hi"' 'back\slash' '` + "`" + `id` + "`'": {"$(reboot)", "", "a;b", "don't", `say "hi"`, `back\slash`, "`id`"},
		`"A=B" '!x' "--opt=v"`: {"A=B", "!x", "--opt=v"},
	} {
		if got := posixsh.Join(argv...); got != want {
			t.Errorf("Join(%q) = %s, want %s", argv, got, want)
		}
	}
}

// FuzzJoin lets a real shell split what Join made.
func FuzzJoin(f *testing.F) {
	f.Add("show bgp vrf all summary json", "sudo")
	f.Add("$(id)`id`\\\"'!\n\t*?[a]{b,c}~#;&|<>", "")
	f.Add("-n", "A=B")
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.Contains(a+b, "\x00") {
			t.Skip("no argument holds a NUL")
		}
		out, err := exec.Command("/bin/sh", "-c", posixsh.Join("printf", `%s\0`, a, b)).Output()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a+"\x00"+b+"\x00", string(out)); diff != "" {
			t.Errorf("the shell split %s differently (-want +got):\n%s", posixsh.Join(a, b), diff)
		}
	})
}

func TestRefused(t *testing.T) {
	for name, test := range map[string]struct {
		out     routerclient.Output
		refused bool
	}{
		"forced command":    {routerclient.Output{ExitStatus: 77}, true},
		"not executable":    {routerclient.Output{ExitStatus: 126, Stderr: []byte("sh: vtysh: cannot execute")}, true},
		"sudo":              {routerclient.Output{ExitStatus: 1, Stderr: []byte("sudo: a password is required\n")}, true},
		"nologin":           {routerclient.Output{ExitStatus: 1, Stdout: []byte("This account is currently not available.\n")}, true},
		"not found":         {routerclient.Output{ExitStatus: 127, Stderr: []byte("sh: vtysh: not found\n")}, false},
		"stern banner":      {routerclient.Output{Stdout: []byte("Unauthorised access is not permitted.\n")}, false},
		"silence":           {routerclient.Output{}, false},
		"another complaint": {routerclient.Output{ExitStatus: 1, Stderr: []byte("bgpd is not running")}, false},
	} {
		err := posixsh.Refused(test.out)
		if (err != nil) != test.refused {
			t.Errorf("%s: Refused = %v, want refused: %t", name, err, test.refused)
		}
		if err != nil && routerclient.ReasonOf(err) != routerclient.ReasonPermissionDenied {
			t.Errorf("%s: reason %s", name, routerclient.ReasonOf(err))
		}
	}
}
