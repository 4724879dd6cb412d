package sshexec_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/routertest"
	"github.com/peergate/peergate/routerclient/sshexec"
)

const sshdPath = "/usr/sbin/sshd"

// forcedCommand allows three exact commands, as an authorized_keys entry on a Linux-based router does.
const forcedCommand = `case "$SSH_ORIGINAL_COMMAND" in
"show sessions") echo "10.0.0.1 Established"; echo "% warning" >&2 ;;
"read input") cat && echo end ;;
"die") kill -KILL $$ ;;
*) echo "denied" >&2; exit 77 ;;
esac
`

// TestOpenSSH runs against the server that most routers run, behind a forced command.
func TestOpenSSH(t *testing.T) {
	t.Parallel()
	config := startSSHD(t)
	r := newRunner(t, config)
	tests := []struct {
		command string
		want    routerclient.Output
	}{
		{"show sessions", routerclient.Output{Stdout: []byte("10.0.0.1 Established\n"), Stderr: []byte("% warning\n")}},
		{"configure", routerclient.Output{Stdout: []byte{}, Stderr: []byte("denied\n"), ExitStatus: 77}},
		{"read input", routerclient.Output{Stdout: []byte("end\n"), Stderr: []byte{}}},
		{"die", routerclient.Output{Stdout: []byte{}, Stderr: []byte{}, ExitStatus: 128}},
	}
	for _, tt := range tests {
		got, err := r.Run(within(t, 10*time.Second), tt.command)
		if err != nil {
			t.Fatalf("%s: %v", tt.command, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.command, diff)
		}
	}

	config.PrivateKey, _ = newEd25519Key(t)
	_, err := newRunner(t, config).Run(within(t, 10*time.Second), "show sessions")
	checkError(t, err, routerclient.ReasonAuthenticationFailed, "the router refused publickey (it accepts: publickey)")
}

// startSSHD starts an sshd for the current user on a loopback address, and returns the configuration to log in with.
func startSSHD(t *testing.T) sshexec.Config {
	t.Helper()
	if _, err := os.Stat(sshdPath); err != nil {
		routertest.SkipOutsideCI(t, "there is no OpenSSH server; make deps installs it: "+err.Error())
	}
	if os.Getuid() == 0 {
		// An sshd of root's insists on this directory, which the init script makes.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			routertest.SkipOutsideCI(t, "sshd cannot run here: "+err.Error())
		}
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	hostPEM, host := newEd25519Key(t)
	userPEM, login := newEd25519Key(t)
	script := writeFile(t, dir, "forced.sh", []byte(forcedCommand))
	authorized := append([]byte(`restrict,command="sh `+script+`" `), ssh.MarshalAuthorizedKey(login.PublicKey())...)
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	config := fmt.Sprintf(`ListenAddress 127.0.0.1
Port %s
HostKey %s
AuthorizedKeysFile %s
AuthenticationMethods publickey
PidFile none
StrictModes no
UsePAM no
`, port, writeFile(t, dir, "host_key", hostPEM), writeFile(t, dir, "authorized_keys", authorized))
	serve(t, writeFile(t, dir, "sshd_config", []byte(config)), address)
	return sshexec.Config{
		Address:    address,
		Username:   me.Username,
		PrivateKey: userPEM,
		KnownHosts: fmt.Appendf(nil, "[127.0.0.1]:%s %s", port, hostKeyText(host)),
	}
}

// serve runs sshd until the end of the test, and returns once it accepts connections.
func serve(t *testing.T, config, address string) {
	t.Helper()
	var log bytes.Buffer
	sshd := exec.Command(sshdPath, "-D", "-e", "-f", config)
	sshd.Stderr = &log
	if err := sshd.Start(); err != nil {
		t.Fatal(err)
	}
	var ended error // read after exited is closed
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		ended = sshd.Wait()
	}()
	t.Cleanup(func() {
		_ = sshd.Process.Kill()
		<-exited
		if t.Failed() {
			t.Logf("sshd: %s", log.String())
		}
	})
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		select {
		case <-exited:
			t.Fatalf("sshd ended: %v: %s", ended, log.String())
		case <-retry.C:
		}
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			return
		}
	}
}

// freeAddress is free again when it returns: sshd cannot choose a port by itself and tell which.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func writeFile(t *testing.T, dir, name string, content []byte) (path string) {
	t.Helper()
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
