package lab

import (
	_ "embed"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

//go:embed packages.txt
var packages string

// RequireEnv is the environment variable that, set to 1, makes a test fail rather than skip on a machine without what
// a lab needs. CI=true does the same.
const RequireEnv = "PEERGATE_REQUIRE_LAB"

// Lab is one network of hosts. It lives as long as the test that made it.
type Lab struct {
	t       testing.TB
	dir     string
	lan     *Host
	hosts   []*Host
	uplinks []uplink
}

// Spec describes a host.
type Spec struct {
	// Name is the host's name, a DNS label unique in the lab and at most 12 characters long, for it also names the
	// host's port on the bridge.
	Name string
	// Addrs are the host's addresses on the lab's network, of either family.
	Addrs []netip.Prefix
	// Daemon is the implementation of BGP that the host runs.
	Daemon Daemon
	BGP    BGP
	// Release is where the host's programs are from: the machine, unless it says otherwise.
	Release Release
}

// New makes a lab without hosts, or skips the test with the reason the machine cannot run one (see [RequireEnv]).
func New(t testing.TB) *Lab {
	t.Helper()
	require(t, "sh", "mount", "nsenter", "ip")
	l := &Lab{t: t, dir: t.TempDir()}
	t.Cleanup(l.close)
	lan, err := startHost(l.dir, "the lab's bridge", Machine, nil)
	if err != nil {
		unavailable(t, "making namespaces: "+err.Error())
	}
	l.lan, l.hosts = lan, []*Host{lan}
	if err := l.lan.run(t.Context(), "ip", "link", "add", bridge, "up", "type", "bridge"); err != nil {
		t.Fatalf("making the lab's bridge: %v", err)
	}
	return l
}

// require ends the test unless it runs as root on a machine that has the programs.
func require(t testing.TB, programs ...string) {
	t.Helper()
	missing := slices.DeleteFunc(programs, func(p string) bool { _, err := exec.LookPath(p); return err == nil })
	switch {
	case os.Geteuid() != 0:
		unavailable(t, "not running as root")
	case len(missing) > 0:
		unavailable(t, "no "+strings.Join(missing, ", ")+"; install "+strings.Join(strings.Fields(packages), " "))
	}
}

func unavailable(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" || os.Getenv(RequireEnv) == "1" {
		t.Fatalf("this machine cannot run the lab: %s", reason)
	}
	t.Skipf("this machine cannot run the lab: %s", reason)
}

// addHost makes a host from its description and plugs it into the lab's network. Beside the daemon's configuration,
// the private paths are the host's own (see startHost).
func (l *Lab) addHost(spec Spec, private ...string) *Host {
	l.t.Helper()
	require(l.t, spec.Daemon.Requires()...)
	requireRelease(l.t, spec.Release)
	h, err := startHost(l.dir, spec.Name, spec.Release, append(private, spec.Daemon.ConfigDir()))
	if err != nil {
		l.t.Fatalf("starting host %s: %v", spec.Name, err)
	}
	l.hosts = append(l.hosts, h)
	if err := l.plug(h, spec.Addrs); err != nil {
		l.t.Fatalf("connecting %s to the lab's network: %v", spec.Name, err)
	}
	if err := spec.Daemon.Configure(h, spec.BGP); err != nil {
		l.t.Fatalf("configuring BGP on %s: %v", spec.Name, err)
	}
	return h
}

// close ends every host, the bridge last, and shows what their programs logged if the test failed.
func (l *Lab) close() {
	slices.Reverse(l.hosts)
	for _, h := range l.hosts {
		if err := h.close(); err != nil {
			l.t.Errorf("ending host %s: %v", h.name, err)
		}
		if tails := h.logTails(); tails != "" && l.t.Failed() {
			l.t.Log(tails)
		}
	}
	for _, up := range l.uplinks {
		up.reserved.Close()
	}
}
