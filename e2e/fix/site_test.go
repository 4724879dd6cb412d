package fix_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/e2e/story"
)

const (
	routerASN = 64512
	nodeASN   = 64513
)

// The nodes: the router knows the first, and nobody has told it of the second.
var (
	known   = netip.MustParseAddr("192.168.3.32")
	unknown = netip.MustParseAddr("192.168.3.33")
)

// site is a router and the two nodes beside it, in the lab and in the cluster, and a person who looks after both.
type site struct {
	*story.Story
	edge     *lab.Router
	operator operator
}

// newSite names what it makes after the test, because tests share a cluster.
func newSite(t *testing.T, platform string, daemon lab.Daemon) *site {
	t.Helper()
	l := lab.New(t)
	edge := l.NewRouter(lab.Spec{
		Name: "edge", Addrs: []netip.Prefix{netip.MustParsePrefix("192.168.3.1/24")}, Daemon: daemon,
		BGP: lab.BGP{Instances: []lab.Instance{{
			ASN: routerASN, RouterID: netip.MustParseAddr("192.168.3.1"),
			Neighbors: []lab.Neighbor{{Addr: known, RemoteASN: nodeASN}},
		}}},
	})
	s := &site{Story: suite.New(t), edge: edge}
	for _, addr := range []netip.Addr{known, unknown} {
		node := l.NewNode(lab.Spec{
			Name: s.nodeAt(addr), Addrs: []netip.Prefix{netip.PrefixFrom(addr, 24)}, Daemon: lab.FRR{}, BGP: lab.PeerWith(nodeASN, edge),
		})
		s.check(node.StartSpeaker(s.deadline()))
	}
	s.operator = s.newOperator()
	s.declare(platform)
	s.Join(s.nodeName(known), known.String())
	s.Join(s.nodeName(unknown), unknown.String())
	s.EventuallyOpen(s.nodeName(known))
	s.EventuallySays(s.nodeName(unknown), corev1.ConditionFalse, "NeighborNotConfigured")
	return s
}

func (*site) nodeAt(addr netip.Addr) string {
	if addr == known {
		return "known"
	}
	return "unknown"
}

func (s *site) nodeName(addr netip.Addr) string { return s.nodeAt(addr) + "-" + s.ID }

// router is the BGPRouter's name.
func (s *site) router() string { return "edge-" + s.ID }

// declare tells Peergate of the router, with the account that may only read.
func (s *site) declare(platform string) {
	s.Helper()
	s.Policy(func(*v1alpha1.PeeringPolicySpec) {})
	login := s.edge.SSH()
	s.Create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: s.router()},
		Type:       corev1.SecretTypeSSHAuth,
		Data: map[string][]byte{
			"username": []byte(login.User), corev1.SSHAuthPrivateKey: login.PrivateKey, "known_hosts": login.KnownHosts,
		},
	})
	s.Create(&v1alpha1.BGPRouter{
		ObjectMeta: metav1.ObjectMeta{Name: s.router()},
		Spec: v1alpha1.BGPRouterSpec{
			Address: login.Addr.Addr().String(), Platform: platform, NodeSelector: s.Selector(),
			CredentialsSecretRef: v1alpha1.SecretReference{Name: s.router()},
			Poll: v1alpha1.PollSpec{
				Interval: metav1.Duration{Duration: time.Second}, FastInterval: metav1.Duration{Duration: 200 * time.Millisecond},
				Timeout: metav1.Duration{Duration: 5 * time.Second}, StaleAfter: metav1.Duration{Duration: 6 * time.Second},
			},
		},
	})
}

// knows is true if the router itself shows the neighbor.
func (s *site) knows(peer netip.Addr) bool {
	s.Helper()
	sessions, err := s.edge.Sessions(s.deadline())
	s.check(err)
	for _, session := range sessions {
		if session.Peer == peer {
			return true
		}
	}
	return false
}

func (s *site) deadline() context.Context {
	ctx, cancel := context.WithTimeout(s.Context(), story.Patience)
	s.Cleanup(cancel)
	return ctx
}

func (s *site) check(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}
