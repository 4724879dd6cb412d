package lab_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/sshexec"
)

func TestForcedCommand(t *testing.T) {
	router := newRunner(t, newEdge(lab.New(t)).SSH())
	for name, c := range map[string]struct {
		command string
		status  int
	}{
		"sessions":              {`vtysh -c "show bgp vrf all summary json"`, 0},
		"peer groups":           {`vtysh -c "show bgp peer-group json"`, 0},
		"peer groups of a VRF":  {`vtysh -c "show bgp vrf red-1 peer-group json"`, 0},
		"neighbors":             {`vtysh -c "show bgp neighbors 192.168.3.32 json" -c "show bgp vrf red neighbors fd00::1 json"`, 0},
		"nothing":               {``, 77},
		"configuration":         {`vtysh -c "show running-config"`, 77},
		"configuring":           {`vtysh -c "configure terminal"`, 77},
		"configuring after":     {`vtysh -c "show bgp peer-group json" -c "configure terminal"`, 77},
		"configuring before":    {`vtysh -c "configure terminal" -c "show bgp peer-group json"`, 77},
		"another program":       {`id`, 77},
		"another program after": {`vtysh -c "show bgp peer-group json"; id`, 77},
		"a second line":         {"vtysh -c \"show bgp peer-group json\"\nid", 77},
		"a line before":         {"id\nvtysh -c \"show bgp peer-group json\"", 77},
		"a substitution":        {`vtysh -c "show bgp neighbors $(id) json"`, 77},
		"a redirection":         {`vtysh -c "show bgp peer-group json" >/tmp/x`, 77},
		"two words for a name":  {`vtysh -c "show bgp neighbors 192.168.3.32 routes json"`, 77},
		"another option":        {`vtysh -f x -c "show bgp peer-group json"`, 77},
		"a pattern":             {"*", 77},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := router.Run(deadline(t), c.command)
			check(t, err)
			if out.ExitStatus != c.status {
				t.Fatalf("exit status %d, want %d; stderr: %s", out.ExitStatus, c.status, out.Stderr)
			}
			if c.status == 0 && !bytes.HasPrefix(out.Stdout, []byte("{")) {
				t.Errorf("not JSON: %s", out.Stdout)
			}
			if c.status != 0 && len(out.Stdout) > 0 {
				t.Errorf("a refused command printed %q", out.Stdout)
			}
		})
	}
}

func TestForcedCommandSaysThatBGPDIsNotRunning(t *testing.T) {
	edge := newEdge(lab.New(t))
	check(t, edge.KillBGPD(deadline(t)))
	out, err := newRunner(t, edge.SSH()).Run(deadline(t), `vtysh -c "show bgp vrf all summary json"`)
	check(t, err)
	if out.ExitStatus != 1 || len(out.Stdout) > 0 || !strings.Contains(string(out.Stderr), "bgpd is not running") {
		t.Errorf("got status %d, stdout %q, stderr %q", out.ExitStatus, out.Stdout, out.Stderr)
	}
}

func TestLoginRefused(t *testing.T) {
	l := lab.New(t)
	edge := newEdge(l).SSH()
	other := l.NewRouter(lab.Spec{
		Name:   "other",
		Addrs:  prefixes("192.168.3.2/24"),
		Daemon: lab.FRR{},
		BGP:    lab.BGP{Instances: []lab.Instance{{ASN: routerASN}}},
	}).SSH()
	wrongKey, wrongHost, noHost := edge, edge, edge
	wrongKey.PrivateKey = other.PrivateKey
	otherKeyOfEdge := strings.Replace(string(other.KnownHosts), other.Addr.Addr().String(), edge.Addr.Addr().String(), 1)
	wrongHost.KnownHosts = []byte(otherKeyOfEdge)
	noHost.KnownHosts = other.KnownHosts
	for want, login := range map[routerclient.Reason]lab.SSH{
		routerclient.ReasonAuthenticationFailed: wrongKey,
		routerclient.ReasonHostKeyMismatch:      wrongHost,
		routerclient.ReasonHostKeyUnknown:       noHost,
	} {
		t.Run(string(want), func(t *testing.T) {
			_, err := newRunner(t, login).Run(deadline(t), `vtysh -c "show bgp peer-group json"`)
			if err == nil || routerclient.ReasonOf(err) != want {
				t.Errorf("got %v, want reason %s", err, want)
			}
		})
	}
}

func newRunner(t *testing.T, login lab.SSH) *sshexec.Runner {
	t.Helper()
	r, err := sshexec.New(sshexec.Config{
		Address:    login.Addr.String(),
		Username:   login.User,
		PrivateKey: login.PrivateKey,
		KnownHosts: login.KnownHosts,
	})
	check(t, err)
	t.Cleanup(func() { check(t, r.Close()) })
	return r
}

// TestForcedCommandGivesNoShell asks for what Peergate never does, with a client that can.
func TestForcedCommandGivesNoShell(t *testing.T) {
	client := dial(t, newEdge(lab.New(t)).SSH())
	session, err := client.NewSession()
	check(t, err)
	defer session.Close()
	check(t, session.Shell())
	if exit, ok := errors.AsType[*ssh.ExitError](session.Wait()); !ok || exit.ExitStatus() != 77 {
		t.Errorf("a login without a command ended with %v, want status 77", exit)
	}
	if _, err := client.Dial("tcp", "127.0.0.1:179"); err == nil {
		t.Error("the account may forward connections")
	}
}

func dial(t *testing.T, login lab.SSH) *ssh.Client {
	t.Helper()
	file := filepath.Join(t.TempDir(), "known_hosts")
	check(t, os.WriteFile(file, login.KnownHosts, 0o600))
	hostKey, err := knownhosts.New(file)
	check(t, err)
	key, err := ssh.ParsePrivateKey(login.PrivateKey)
	check(t, err)
	client, err := ssh.Dial("tcp", login.Addr.String(), &ssh.ClientConfig{
		User:              login.User,
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback:   hostKey,
		HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
	})
	check(t, err)
	t.Cleanup(func() { client.Close() })
	return client
}
