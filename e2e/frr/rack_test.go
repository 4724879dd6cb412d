package frr_test

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
	// lossGrace is longer than FRR takes to bring its sessions up after a restart.
	lossGrace = 6 * time.Second
)

// The nodes: the router knows the first, and nobody has told it of the second.
var (
	leviathan2 = netip.MustParseAddr("192.168.3.32")
	leviathan3 = netip.MustParseAddr("192.168.3.33")
)

// rack is a router and the two nodes beside it, in the lab and in the cluster.
type rack struct {
	*story.Story
	edge *lab.Router
	// speakers are those of the nodes, by name.
	speakers map[string]*lab.Node
}

func newRack(t *testing.T, change ...func(*v1alpha1.PeeringPolicySpec)) *rack {
	t.Helper()
	l := lab.New(t)
	edge := l.NewRouter(lab.Spec{
		Name:   "edge",
		Addrs:  []netip.Prefix{netip.MustParsePrefix("192.168.3.1/24")},
		Daemon: lab.FRR{},
		BGP: lab.BGP{Instances: []lab.Instance{{
			ASN:       routerASN,
			RouterID:  netip.MustParseAddr("192.168.3.1"),
			Neighbors: []lab.Neighbor{{Addr: leviathan2, RemoteASN: nodeASN}},
		}}},
	})
	r := &rack{Story: suite.New(t), edge: edge, speakers: map[string]*lab.Node{}}
	for name, addr := range map[string]netip.Addr{"leviathan2": leviathan2, "leviathan3": leviathan3} {
		node := l.NewNode(lab.Spec{
			Name: name, Addrs: []netip.Prefix{netip.PrefixFrom(addr, 24)}, Daemon: lab.FRR{}, BGP: lab.PeerWith(nodeASN, edge),
		})
		r.check(node.StartSpeaker(r.deadline()))
		r.speakers[name] = node
	}
	r.declare(change...)
	return r
}

// declare tells Peergate of the router, with the account that may only read.
func (r *rack) declare(change ...func(*v1alpha1.PeeringPolicySpec)) {
	r.Helper()
	withGrace := func(p *v1alpha1.PeeringPolicySpec) { p.LossGracePeriod = &metav1.Duration{Duration: lossGrace} }
	r.Policy(append([]func(*v1alpha1.PeeringPolicySpec){withGrace}, change...)...)
	login := r.edge.SSH()
	r.Create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: "edge"},
		Type:       corev1.SecretTypeSSHAuth,
		Data: map[string][]byte{
			"username": []byte(login.User), corev1.SSHAuthPrivateKey: login.PrivateKey, "known_hosts": login.KnownHosts,
		},
	})
	r.Create(&v1alpha1.BGPRouter{
		ObjectMeta: metav1.ObjectMeta{Name: "edge"},
		Spec: v1alpha1.BGPRouterSpec{
			Address: login.Addr.Addr().String(), Platform: "FRR", NodeSelector: r.Selector(),
			CredentialsSecretRef: v1alpha1.SecretReference{Name: "edge"},
			Poll: v1alpha1.PollSpec{
				Interval: metav1.Duration{Duration: time.Second}, FastInterval: metav1.Duration{Duration: 200 * time.Millisecond},
				Timeout: metav1.Duration{Duration: 5 * time.Second}, StaleAfter: metav1.Duration{Duration: 6 * time.Second},
			},
		},
	})
}

func (r *rack) deadline() context.Context {
	ctx, cancel := context.WithTimeout(r.Context(), story.Patience)
	r.Cleanup(cancel)
	return ctx
}

func (r *rack) check(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}
