package fix_test

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/bgp"
	"github.com/peergate/peergate/e2e/bgp/edgeos"
	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/routerclient/routertest"
)

// The addresses of TestEdgeOS. Everything of 127.0.0.0/8 is there without being configured.
var (
	edgeAddr      = netip.MustParseAddr("127.0.43.1")
	leviathanAddr = netip.MustParseAddr("127.0.43.33")
)

// TestEdgeOS types into the configuration mode of an EdgeRouter, on a terminal, with live BGP behind it.
func TestEdgeOS(t *testing.T) {
	s := &site{Story: suite.New(t)}
	router, err := bgp.ListenRouter(s.deadline(), edgeAddr, routerASN)
	s.check(err)
	t.Cleanup(router.Stop)
	cli := edgeos.CLI{Router: router, Clock: clock.RealClock{}}
	server := routertest.NewServer(t, routertest.Options{
		User: story.RouterUser, Password: story.RouterPassword, Handler: cli.Run, Shell: cli.Shell,
	})
	node, err := bgp.DialNode(s.deadline(), leviathanAddr, routerASN, router)
	s.check(err)
	t.Cleanup(node.Stop)
	s.Policy(func(*v1alpha1.PeeringPolicySpec) {})
	s.Declare(&story.Router{Server: server}, func(r *v1alpha1.BGPRouter, _ *corev1.Secret) { r.Spec.Platform = "EdgeOS" })
	s.Join(s.nodeName(unknown), leviathanAddr.String())
	s.EventuallySays(s.nodeName(unknown), corev1.ConditionFalse, "NeighborNotConfigured")

	dir := t.TempDir()
	password, knownHosts := filepath.Join(dir, "password"), filepath.Join(dir, "known_hosts")
	s.check(errors.Join(
		os.WriteFile(password, []byte(story.RouterPassword+"\n"), 0o600), os.WriteFile(knownHosts, server.KnownHosts(), 0o600)))
	s.operator = operator{
		program: s.build(), kubeconfig: s.readerKubeconfig(),
		flags: []string{"--username", story.RouterUser, "--password-file", password, "--known-hosts", knownHosts, "--node-asn", "64512"},
	}
	printed, status := s.fix("", "--apply", "--yes", "--node-asn", "0", "--peer-group", "NOSUCH")
	s.wants(printed, status, 1, "peer-group NOSUCH", "The specified configuration node is not valid Set failed", "the router is as it was")
	printed, status = s.fix("y\n", "--apply")
	s.wants(printed, status, 0, ": set protocols bgp 64512 neighbor 127.0.43.33 remote-as 64512\n", ": commit\n", ": save\n", "has an Established session with 127.0.43.33")
	t.Logf("%s", printed)
	s.EventuallyOpen(s.nodeName(unknown))
}
