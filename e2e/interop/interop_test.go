package interop_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/routerclient"
)

// The neighbors in the routers' configurations, by what is to be seen of them.
var (
	ordinary     = map[string]netip.Addr{"FRR": addr(11), "GoBGP": addr(12), "BIRD": addr(13)}
	overIPv6     = addr6(14)
	wrongASN     = addr(15)
	samePassword = addr(16)
	noPassword   = addr(17)
	absent       = addr(18)
	// fromRange is not configured but for the listen range that it is in; missing is not configured at all.
	listenRange = netip.MustParsePrefix("192.168.3.32/28")
	fromRange   = addr(33)
	missing     = addr(66)
)

// TestRouters goes through what can become of a session, on one router of each platform.
func TestRouters(t *testing.T) {
	for _, r := range routers {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, r, routerConfiguration())
			s.startNodes(t)
			t.Run("account", func(t *testing.T) { s.testAccount(t, r) })
			t.Run("established", func(t *testing.T) { s.testEstablished(t) })
			t.Run("IPv6", func(t *testing.T) { s.testIPv6(t) })
			t.Run("absent", func(t *testing.T) { s.testAbsent(t) })
			t.Run("wrong ASN", func(t *testing.T) { s.testWrongASN(t, r) })
			t.Run("MD5", func(t *testing.T) { s.testMD5(t) })
			t.Run("listen range", func(t *testing.T) { s.testListenRange(t, r) })
			t.Run("admin shutdown", func(t *testing.T) { s.testAdminShutdown(t) })
			t.Run("remedy", func(t *testing.T) { s.testRemedy(t, r) })
			t.Run("daemon killed", func(t *testing.T) { s.testDaemonKilled(t) })
			t.Run("router restarted", func(t *testing.T) { s.testRestart(t, r) })
		})
	}
}

func routerConfiguration() lab.Instance {
	i := lab.Instance{PeerGroups: []lab.PeerGroup{{Name: "K8S", RemoteASN: nodeASN, ListenRanges: []netip.Prefix{listenRange}}}}
	for _, peer := range []netip.Addr{ordinary["FRR"], ordinary["GoBGP"], ordinary["BIRD"], overIPv6, wrongASN, absent} {
		i.Neighbors = append(i.Neighbors, lab.Neighbor{Addr: peer, RemoteASN: nodeASN})
	}
	for _, peer := range []netip.Addr{samePassword, noPassword} {
		i.Neighbors = append(i.Neighbors, lab.Neighbor{Addr: peer, RemoteASN: nodeASN, Password: password})
	}
	return i
}

func (s *site) startNodes(t *testing.T) {
	t.Helper()
	for name, peer := range ordinary {
		s.startNode(t, peer, speaker{daemon: speakers[name]})
	}
	s.startNode(t, overIPv6, speaker{})
	// FRR forgets why it refused an OPEN that came over a connection it had not opened itself.
	s.startNode(t, wrongASN, speaker{asn: nodeASN + 1, accepts: true})
	s.startNode(t, noPassword, speaker{})
	s.startNode(t, samePassword, speaker{password: password})
}

// testAccount tries what the account that may only read must not.
func (s *site) testAccount(t *testing.T, r router) {
	account := login(t, s.Router)
	for _, command := range r.forbidden {
		out, err := account.Run(t.Context(), command)
		check(t, err)
		const noPerm = 77
		if out.ExitStatus != noPerm || len(out.Stdout) > 0 {
			t.Errorf("%q ends with status %d, and prints %q", command, out.ExitStatus, out.Stdout)
		}
	}
}

func (s *site) testEstablished(t *testing.T) {
	for name, peer := range ordinary {
		up := s.awaitSession(t, peer, established)
		want := routerclient.Session{VRF: routerclient.DefaultVRF, Peer: peer, RemoteASN: nodeASN, State: routerclient.Established}
		got := routerclient.Session{
			VRF: up.VRF, Peer: up.Peer, RemoteASN: up.RemoteASN, State: up.State,
			AdminDown: up.AdminDown, Dynamic: up.Dynamic, PolicyBlocked: up.PolicyBlocked, Detail: up.Detail,
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("node with %s: got %+v, want %+v", name, got, want)
		}
		if up.Uptime > patience || len(up.Families) != 1 || up.Families[0].AFI != routerclient.IPv4 {
			t.Errorf("node with %s: up for %s with families %v", name, up.Uptime, up.Families)
		}
	}
	// An uptime is that of this session, and grows.
	s.awaitSession(t, ordinary["FRR"], func(up routerclient.Session) bool { return up.Uptime >= time.Second })
}

func (s *site) testIPv6(t *testing.T) {
	up := s.awaitSession(t, overIPv6, established)
	if !slices.ContainsFunc(up.Families, func(f routerclient.Family) bool { return f.AFI == routerclient.IPv6 }) {
		t.Errorf("families %v of a session over IPv6", up.Families)
	}
}

func (s *site) testAbsent(t *testing.T) {
	down, found := sessionOf(s.snapshot(t), absent)
	if !found || established(down) || down.AdminDown || down.Uptime != 0 {
		t.Errorf("a neighbor that is not there: %+v, %t", down, found)
	}
}

func (s *site) testWrongASN(t *testing.T, r router) {
	s.awaitSession(t, wrongASN, func(down routerclient.Session) bool {
		return !established(down) && !down.AdminDown && strings.Contains(down.Detail, r.badASN)
	})
}

// testMD5 has a node with the router's password, and one without any, whose packets the router's kernel drops.
func (s *site) testMD5(t *testing.T) {
	s.awaitSession(t, samePassword, established)
	down, found := sessionOf(s.snapshot(t), noPassword)
	if !found || established(down) || down.AdminDown {
		t.Errorf("a neighbor without the password: %+v, %t", down, found)
	}
}

func (s *site) testListenRange(t *testing.T, r router) {
	before := s.snapshot(t)
	if _, found := sessionOf(before, fromRange); found {
		t.Error("a session of the listen range before its node is there")
	}
	shown := slices.ContainsFunc(before.ListenRanges, func(l routerclient.ListenRange) bool {
		return l.Prefix == listenRange && l.VRF == routerclient.DefaultVRF
	})
	if shown == r.hidesRanges {
		t.Errorf("listen ranges %v", before.ListenRanges)
	}
	s.startNode(t, fromRange, speaker{})
	if up := s.awaitSession(t, fromRange, established); !up.Dynamic {
		t.Errorf("a session of the listen range that is not dynamic: %+v", up)
	}
}

func (s *site) testAdminShutdown(t *testing.T) {
	peer := ordinary["BIRD"]
	check(t, s.AdminShutdown(t.Context(), peer))
	s.awaitSession(t, peer, func(down routerclient.Session) bool {
		return down.State == routerclient.Idle && down.AdminDown && down.Uptime == 0
	})
	check(t, s.AdminEnable(t.Context(), peer))
	s.awaitSession(t, peer, established)
}

// testRemedy types what Peergate tells people to type.
func (s *site) testRemedy(t *testing.T, r router) {
	s.startNode(t, missing, speaker{})
	if down, found := sessionOf(s.snapshot(t), missing); found {
		t.Fatalf("the router knows the missing neighbor: %+v", down)
	}
	remedy := r.remedy(routerclient.Missing{Peer: missing, VRF: routerclient.DefaultVRF, LocalASN: routerASN, RemoteASN: nodeASN})
	if _, err := s.Type(t.Context(), remedy.Lines...); err != nil {
		t.Fatalf("typing %q: %v", remedy.Lines, err)
	}
	s.awaitSession(t, missing, established)
	if _, found := sessionOf(s.snapshot(t), ordinary["FRR"]); !found {
		t.Error("the remedy for one neighbor took away another")
	}
}

func (s *site) testDaemonKilled(t *testing.T) {
	check(t, s.KillBGPD(t.Context()))
	s.await(t, func(_ *routerclient.Snapshot, err error) error {
		if err == nil || routerclient.ReasonOf(err) != routerclient.ReasonBGPNotRunning {
			return errors.Join(errors.New("not the reason of a daemon that was killed"), err)
		}
		return nil
	})
}

func (s *site) testRestart(t *testing.T, r router) {
	check(t, s.Restart(t.Context()))
	for _, peer := range []netip.Addr{ordinary["FRR"], ordinary["GoBGP"], ordinary["BIRD"], overIPv6} {
		s.awaitSession(t, peer, established)
	}
	if _, found := sessionOf(s.snapshot(t), missing); found == r.forgets {
		t.Errorf("after a restart, the neighbor that the remedy added is there: %t", found)
	}
}
