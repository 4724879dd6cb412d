package snmpwalk_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/routertest"
	"github.com/peergate/peergate/routerclient/snmpwalk"
)

// startSnmpd starts net-snmp's agent on loopback, with users whose view is the system group, and waits until it answers.
func startSnmpd(t *testing.T) (address string) {
	t.Helper()
	snmpd, err := exec.LookPath("snmpd")
	if err != nil {
		routertest.SkipOutsideCI(t, "snmpd is not installed; make deps installs it")
	}
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = conn.LocalAddr().String()
	_ = conn.Close()

	dir := t.TempDir()
	config := filepath.Join(dir, "snmpd.conf")
	var users strings.Builder
	fmt.Fprintf(&users, "agentAddress udp:%s\n", address)
	for name, protocols := range map[string][2]string{
		"sha256": {"SHA-256", "AES"}, "sha1": {"SHA", "AES"}, "sha512": {"SHA-512", "AES"}, "aes256": {"SHA-256", "AES-256"}, "blind": {"SHA-256", "AES"},
	} {
		fmt.Fprintf(&users, "createUser %s %s authpass-%s %s privpass-%s\n", name, protocols[0], name, protocols[1], name)
		if name != "blind" {
			fmt.Fprintf(&users, "rouser %s priv .1.3.6.1.2.1.1\n", name)
		}
	}
	if err := os.WriteFile(config, []byte(users.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(snmpd, "-f", "-C", "-c", config, "-Lo")
	cmd.Env = append(os.Environ(), "MIBS=", "SNMPCONFPATH="+dir, "SNMP_PERSISTENT_DIR="+filepath.Join(dir, "state"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	waitForAgent(t, address)
	return address
}

func waitForAgent(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	r := newRunner(t, userOf(address, "sha256"))
	for {
		_, err := r.Run(ctx, "walk .1.3.6.1.2.1.1.3")
		if err == nil {
			return
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			t.Fatalf("snmpd does not come up: %v", err)
		}
	}
}

func userOf(address, name string) snmpwalk.Config {
	return snmpwalk.Config{Address: address, Username: name, AuthPassword: "authpass-" + name, PrivPassword: "privpass-" + name}
}

func TestNetSnmp(t *testing.T) {
	t.Parallel()
	address := startSnmpd(t)
	for name, test := range map[string]struct {
		user   string
		change func(*snmpwalk.Config)
		reason routerclient.Reason
	}{
		"SHA-256 and AES":     {"sha256", func(*snmpwalk.Config) {}, ""},
		"SHA and AES":         {"sha1", func(c *snmpwalk.Config) { c.AuthProtocol = "SHA" }, ""},
		"SHA-512 and AES":     {"sha512", func(c *snmpwalk.Config) { c.AuthProtocol = "SHA-512" }, ""},
		"SHA-256 and AES-256": {"aes256", func(c *snmpwalk.Config) { c.PrivProtocol = "AES-256" }, ""},
		"wrong auth password": {"sha256", func(c *snmpwalk.Config) { c.AuthPassword = "something else" }, routerclient.ReasonAuthenticationFailed},
		"wrong auth protocol": {"sha256", func(c *snmpwalk.Config) { c.AuthProtocol = "SHA" }, routerclient.ReasonAuthenticationFailed},
		"unknown user":        {"nobody", func(*snmpwalk.Config) {}, routerclient.ReasonAuthenticationFailed},
		"wrong priv password": {"sha256", func(c *snmpwalk.Config) { c.PrivPassword = "something else" }, routerclient.ReasonTimeout},
		"no view":             {"blind", func(*snmpwalk.Config) {}, routerclient.ReasonPermissionDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := userOf(address, test.user)
			test.change(&config)
			// A wrong priv password ends at the deadline: the agent drops the request.
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			out, err := newRunner(t, config).Run(ctx, "walk .1.3.6.1.2.1.1.3")
			switch {
			case test.reason != "" && (err == nil || routerclient.ReasonOf(err) != test.reason):
				t.Errorf("error %v, want the reason %s", err, test.reason)
			case test.reason == "" && err != nil:
				t.Error(err)
			case test.reason == "" && !strings.HasPrefix(string(out.Stdout), ".1.3.6.1.2.1.1.3.0 = Timeticks: ("):
				t.Errorf("answer %q, want the agent's uptime", out.Stdout)
			}
		})
	}
}
