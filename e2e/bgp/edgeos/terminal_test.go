package edgeos

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/peergate/peergate/routerclient/routertest"
	"github.com/peergate/peergate/routerclient/sshexec"
)

// TestShell has a person make a mistake, throw it away, and then do it right.
func TestShell(t *testing.T) {
	const set = "set protocols bgp 64512 neighbor 192.168.3.33 remote-as 64512"
	router := threeNodes()
	cli := CLI{Router: router, Clock: clocktesting.NewFakePassiveClock(now)}
	server := routertest.NewServer(t, routertest.Options{Handler: cli.Run, Shell: cli.Shell})
	runner, err := sshexec.New(sshexec.Config{
		Address: server.Addr(), Username: "admin", Password: "secret", KnownHosts: server.KnownHosts(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = runner.Close() })
	terminal, err := runner.Terminal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = terminal.Close() })
	var said []string
	for _, line := range []string{
		"show configuration commands | grep 'neighbor 192.168.3.32'",
		"configure", "set system host-name edge", set, "exit", "exit discard",
		"configure", "commit", set, "commit", "save", "exit", "show configuration commands | grep 'neighbor 192.168.3.33'",
	} {
		answer, err := terminal.Type(t.Context(), line)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, answer)
	}
	const mode = "[edit]"
	want := []string{
		"set protocols bgp 64512 neighbor 192.168.3.32 remote-as 64512",
		mode, string(invalidNode) + "\n" + mode, mode, string(unsavedChanges) + "\n" + mode, "",
		mode, string(nothingToDo) + "\n" + mode, mode, mode, "Saving configuration to '/config/config.boot'...\nDone\n" + mode, "", set,
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}
