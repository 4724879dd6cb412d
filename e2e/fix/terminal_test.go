package fix_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/internal/fix"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/frr"
	"github.com/peergate/peergate/routerclient/sshexec"
)

// TestTerminal types as into an appliance, line by line behind its prompts. The account's shell is vtysh, which takes the
// lines of IOS, and no appliance is to be had here.
func TestTerminal(t *testing.T) {
	l := lab.New(t)
	edge := l.NewRouter(lab.Spec{
		Name: "edge", Addrs: []netip.Prefix{netip.MustParsePrefix("192.168.3.1/24")}, Daemon: lab.FRR{},
		BGP: lab.BGP{Instances: []lab.Instance{{ASN: routerASN, RouterID: netip.MustParseAddr("192.168.3.1")}}},
	})
	node := l.NewNode(lab.Spec{
		Name: "unknown", Addrs: []netip.Prefix{netip.PrefixFrom(unknown, 24)}, Daemon: lab.FRR{}, BGP: lab.PeerWith(nodeASN, edge),
	})
	ctx, cancel := context.WithTimeout(t.Context(), story.Patience)
	defer cancel()
	check(t, node.StartSpeaker(ctx))
	appliance, err := edge.Operator("console", "/usr/bin/vtysh")
	check(t, err)
	console := login(t, appliance)
	router := &fix.Router{
		Client:       frr.New(login(t, edge.SSH()), frr.Options{}),
		OpenTerminal: func(ctx context.Context) (fix.Terminal, error) { return console.Terminal(ctx) },
		Interval:     200 * time.Millisecond, Look: 5 * time.Second, Settle: 5 * time.Second, UndoTimeout: 10 * time.Second,
		Typed: func(line string) { t.Log(line) },
	}
	m := routerclient.Missing{
		Peer: unknown, VRF: routerclient.DefaultVRF, LocalASN: routerASN, RemoteASN: nodeASN, PeerGroup: "NOSUCH",
	}
	refused := router.Apply(ctx, plan(t, m))
	if taken, ok := errors.AsType[*fix.TakenBackError](refused); !ok || taken.Left != nil || !strings.Contains(refused.Error(), "peer-group first") {
		t.Errorf("error %v, want the router's own, and nothing left", refused)
	}
	m.PeerGroup = ""
	check(t, router.Apply(ctx, plan(t, m)))
	check(t, router.AwaitEstablished(ctx, story.Patience, m))
	again := router.Apply(ctx, plan(t, m))
	if _, ok := errors.AsType[*fix.ConfiguredError](again); !ok {
		t.Errorf("error %v, want that the neighbor is there", again)
	}
	check(t, edge.Restart(ctx))
	check(t, edge.WaitEstablished(ctx, unknown)) // the configuration was saved
}

func plan(t *testing.T, m routerclient.Missing) fix.Plan {
	t.Helper()
	p, err := fix.NewPlan("IOS", m, nil)
	check(t, err)
	return p
}

func login(t *testing.T, as lab.SSH) *sshexec.Runner {
	t.Helper()
	runner, err := sshexec.New(sshexec.Config{
		Address: as.Addr.String(), Username: as.User, PrivateKey: as.PrivateKey, KnownHosts: as.KnownHosts,
	})
	check(t, err)
	t.Cleanup(func() { check(t, runner.Close()) })
	return runner
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
