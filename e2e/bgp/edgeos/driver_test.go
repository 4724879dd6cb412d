package edgeos

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/peergate/peergate/routerclient"
	driver "github.com/peergate/peergate/routerclient/edgeos"
	"github.com/peergate/peergate/routerclient/routertest"
	"github.com/peergate/peergate/routerclient/sshexec"
)

// login opens the way that Peergate itself takes to the router.
func login(t *testing.T, router Router) *sshexec.Runner {
	t.Helper()
	cli := CLI{Router: router, Clock: clocktesting.NewFakePassiveClock(now)}
	server := routertest.NewServer(t, routertest.Options{Handler: cli.Run, User: "admin", Password: "secret"})
	runner, err := sshexec.New(sshexec.Config{
		Address: server.Addr(), Username: "admin", Password: "secret", KnownHosts: server.KnownHosts(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { runner.Close() })
	return runner
}

func TestDriverReadsTheSummary(t *testing.T) {
	client := driver.New(login(t, threeNodes()), driver.Options{})
	got, err := client.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	session := func(peer string, asn uint32, state routerclient.State) routerclient.Session {
		return routerclient.Session{
			VRF: routerclient.DefaultVRF, Peer: netip.MustParseAddr(peer), RemoteASN: asn, LocalASN: 64512, State: state,
		}
	}
	up := session("192.168.3.31", 64512, routerclient.Established)
	up.Uptime = 11*time.Minute + 33*time.Second
	want := &routerclient.Snapshot{
		RouterID: netip.MustParseAddr("192.168.3.1"),
		LocalASN: 64512,
		Sessions: []routerclient.Session{
			up,
			session("192.168.3.32", 64512, routerclient.Active),
			session("2001:db8::ffff:ffff:ffff:ffff", 4200000000, routerclient.Connect),
		},
	}
	addrs := cmpopts.EquateComparable(netip.Addr{})
	families := cmpopts.IgnoreFields(routerclient.Session{}, "Families")
	if diff := cmp.Diff(want, got, addrs, families); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]routerclient.Family{{AFI: routerclient.IPv4, Received: 5}}, got.Sessions[0].Families); diff != "" {
		t.Errorf("families of the established session (-want +got):\n%s", diff)
	}
}

func TestRouterTakesTheDriversRemedy(t *testing.T) {
	router := threeNodes()
	peer := netip.MustParseAddr("192.168.3.33")
	remedy := driver.Remedy(routerclient.Missing{Peer: peer, LocalASN: 64512, RemoteASN: 64512})
	output, err := login(t, router).Run(t.Context(), Script(remedy.Lines...))
	if err != nil {
		t.Fatal(err)
	}
	if output.ExitStatus != 0 {
		t.Errorf("exit status %d: %s%s", output.ExitStatus, output.Stdout, output.Stderr)
	}
	if last := router.neighbors[len(router.neighbors)-1]; last.Addr != peer || last.ASN != 64512 {
		t.Errorf("the last neighbor is %s in AS %d, want %s in AS 64512", last.Addr, last.ASN, peer)
	}
}
