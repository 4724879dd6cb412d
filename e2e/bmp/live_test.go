package bmp_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/internal/bmpstation"
)

const (
	routerASN = 64512
	nodeASN   = 64513
	lossGrace = 3 * time.Second
)

// rack is a live router that tells of its sessions by itself, and a node whose speaker is not running yet.
type rack struct {
	*story.Story
	edge *lab.Router
	node *lab.Node
}

var (
	leviathan2 = netip.MustParseAddr("192.168.3.32")
	// seldom is longer than any test: with it as both intervals, the router is asked when a node joins, and then never.
	seldom = time.Hour
)

func newRack(t *testing.T, platform string, daemon lab.Daemon, access func(lab.SSH) map[string][]byte) *rack {
	t.Helper()
	l := lab.New(t)
	r := &rack{Story: suite.New(t)}
	r.edge = l.NewRouter(lab.Spec{
		Name: "edge", Addrs: []netip.Prefix{netip.MustParsePrefix("192.168.3.1/24")}, Daemon: daemon,
		BGP: lab.BGP{Instances: []lab.Instance{{
			ASN: routerASN, RouterID: netip.MustParseAddr("192.168.3.1"),
			Neighbors: []lab.Neighbor{{Addr: leviathan2, RemoteASN: nodeASN}},
		}}},
	})
	r.node = l.NewNode(lab.Spec{
		Name: "leviathan2", Addrs: []netip.Prefix{netip.PrefixFrom(leviathan2, 24)}, Daemon: lab.FRR{}, BGP: lab.PeerWith(nodeASN, r.edge),
	})
	r.Policy(closing)
	r.Create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: r.ID}, Type: corev1.SecretTypeSSHAuth, Data: access(r.edge.SSH()),
	})
	r.Create(&v1alpha1.BGPRouter{
		ObjectMeta: metav1.ObjectMeta{Name: r.ID},
		Spec: v1alpha1.BGPRouterSpec{
			Address: r.edge.SSH().Addr.Addr().String(), Platform: platform, NodeSelector: r.Selector(),
			CredentialsSecretRef: v1alpha1.SecretReference{Name: r.ID}, BMP: &v1alpha1.BMPSpec{}, Poll: every(seldom, seldom),
		},
	})
	return r
}

// closing lets all nodes of a test be lost.
func closing(p *v1alpha1.PeeringPolicySpec) {
	all := intstr.FromString("100%")
	p.LossGracePeriod, p.MaxUnpeered = &metav1.Duration{Duration: lossGrace}, &all
}

func every(interval, fast time.Duration) v1alpha1.PollSpec {
	return v1alpha1.PollSpec{
		Interval: metav1.Duration{Duration: interval}, FastInterval: metav1.Duration{Duration: fast},
		Timeout: metav1.Duration{Duration: 5 * time.Second}, StaleAfter: metav1.Duration{Duration: interval + 5*time.Second},
	}
}

func login(ssh lab.SSH) map[string][]byte {
	return map[string][]byte{"username": []byte(ssh.User), corev1.SSHAuthPrivateKey: ssh.PrivateKey, "known_hosts": ssh.KnownHosts}
}

// station is the machine's end of the router's link to it.
func (r *rack) station() netip.AddrPort {
	return netip.AddrPortFrom(r.edge.SSH().Addr.Addr().Prev(), port)
}

// connectFRR has the router tell of its sessions, and nothing of its routes.
func (r *rack) connectFRR() {
	r.Helper()
	r.typeIn("configure terminal", "router bgp 64512", "bmp targets peergate",
		fmt.Sprintf("bmp connect %s port %d min-retry 100 max-retry 1000", r.station().Addr(), port))
	r.eventuallyStreaming(r.ID, metav1.ConditionTrue, v1alpha1.ReasonBMPStreaming)
}

func (r *rack) typeIn(lines ...string) {
	r.Helper()
	_, err := r.edge.Type(r.deadline(), lines...)
	r.check(err)
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

func (r *rack) eventuallyStreaming(router string, status metav1.ConditionStatus, reason string) {
	r.Helper()
	eventuallyStreaming(r.Story, router, status, reason)
}

// eventuallyStreaming waits until condition BMPConnected of a BGPRouter has the status and the reason.
func eventuallyStreaming(s *story.Story, router string, status metav1.ConditionStatus, reason string) {
	s.Helper()
	s.Eventually(fmt.Sprintf("BGPRouter %s says %s %s", router, status, reason), func(ctx context.Context) error {
		var r v1alpha1.BGPRouter
		if err := s.Client.Get(ctx, client.ObjectKey{Name: router}, &r); err != nil {
			return err
		}
		c := meta.FindStatusCondition(r.Status.Conditions, v1alpha1.ConditionBMPConnected)
		if c == nil {
			return errors.New("it has no condition " + v1alpha1.ConditionBMPConnected)
		}
		if c.Status != status || c.Reason != reason {
			return fmt.Errorf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message)
		}
		return nil
	})
}

// awaitKnown waits until a node has been known for longer than a message may have been on its way.
func awaitKnown(s *story.Story, node string) {
	s.Helper()
	s.EventuallyNode(node, "is known for long enough", func(n *corev1.Node) error {
		if age := time.Since(n.CreationTimestamp.Time); age < bmpstation.MaxDelay+2*time.Second {
			return fmt.Errorf("it is %s old", age)
		}
		return nil
	})
}

// TestFRR follows a node over what its router tells by itself. It is asked once, when the node joins.
func TestFRR(t *testing.T) {
	r := newRack(t, "FRR", lab.FRR{BMP: true}, login)
	r.connectFRR()
	r.Join("leviathan2", leviathan2.String())
	r.EventuallySays("leviathan2", corev1.ConditionFalse, "SessionDown")
	r.EventuallyTainted("leviathan2")
	awaitKnown(r.Story, "leviathan2")

	r.releasedByPush()
	r.lostByPush()
	r.askedOnceTheStreamIsCut()
}

func (r *rack) releasedByPush() {
	r.Helper()
	states := r.WatchNode("leviathan2")
	r.check(r.node.StartSpeaker(r.deadline()))
	r.check(r.edge.WaitEstablished(r.deadline(), leviathan2))
	established := time.Now()
	for n := range states {
		if !story.Tainted(n) {
			break
		}
	}
	r.Logf("open %s after the session was seen Established", time.Since(established).Round(time.Millisecond))
	r.EventuallySays("leviathan2", corev1.ConditionTrue, "SessionEstablished")
}

func (r *rack) lostByPush() {
	r.Helper()
	r.check(r.node.StopSpeaker(r.deadline()))
	r.EventuallySays("leviathan2", corev1.ConditionFalse, "SessionDown")
	since := story.Condition(r.Node("leviathan2")).LastTransitionTime
	r.EventuallyTainted("leviathan2")
	if waited := story.TaintAdded(r.Node("leviathan2")).Sub(since.Time); waited < lossGrace {
		r.Errorf("tainted %s after the session was lost, before the grace period of %s", waited, lossGrace)
	}
	r.check(r.node.StartSpeaker(r.deadline()))
	r.EventuallyOpen("leviathan2")
}

// askedOnceTheStreamIsCut: nothing is told any more, so that the router is asked, and what was told is not believed for
// longer than an answer would be.
func (r *rack) askedOnceTheStreamIsCut() {
	r.Helper()
	r.ChangeRouter(r.ID, func(spec *v1alpha1.BGPRouterSpec) { spec.Poll = every(time.Second, 200*time.Millisecond) })
	r.eventuallyStreaming(r.ID, metav1.ConditionTrue, v1alpha1.ReasonBMPStreaming)
	r.typeIn("configure terminal", "router bgp 64512", "no bmp targets peergate")
	r.check(r.node.StopSpeaker(r.deadline()))
	r.EventuallySays("leviathan2", corev1.ConditionFalse, "SessionDown")
	r.EventuallyTainted("leviathan2")
	r.check(r.node.StartSpeaker(r.deadline()))
	r.EventuallyOpen("leviathan2")
	r.eventuallyStreaming(r.ID, metav1.ConditionFalse, v1alpha1.ReasonBMPConnectionLost)
}

// TestOutOfReach: the stream of a router that is gone, without a word, ends within seconds; that what arrives on a stream
// cannot be old rests on it. It is the kernel that ends it, and at the kernel it is looked for: how soon the manager and
// the test come to know depends on what else the machine does.
func TestOutOfReach(t *testing.T) {
	r := newRack(t, "FRR", lab.FRR{BMP: true}, login)
	r.connectFRR()
	r.Join("out-of-reach", leviathan2.String())
	r.EventuallySays("out-of-reach", corev1.ConditionFalse, "SessionDown")
	from := r.edge.SSH().Addr.Addr()
	if open, err := established(from, port); err != nil || !open {
		t.Fatalf("the router is connected %t, error %v", open, err)
	}
	_, err := r.edge.Exec(r.deadline(), "ip", "link", "set", "mgmt", "down")
	r.check(err)
	const repeated = 4 * time.Second
	cut := time.Now()
	r.Eventually("the connection is given up", func(context.Context) error {
		asked := time.Now()
		open, err := established(from, port)
		if late := asked.Sub(cut); open && late > bmpstation.MaxDelay-repeated {
			t.Fatalf("the connection is still open %s after the router was gone", late)
		}
		if open {
			err = errors.Join(err, errors.New("it is open"))
		}
		return err
	})
	r.eventuallyStreaming(r.ID, metav1.ConditionFalse, v1alpha1.ReasonBMPConnectionLost)
}

// TestYoungNode: what a router tells of a node that has just joined may be about the machine before it, so that the
// router is asked, and at once.
func TestYoungNode(t *testing.T) {
	r := newRack(t, "FRR", lab.FRR{BMP: true}, login)
	r.ChangeRouter(r.ID, func(spec *v1alpha1.BGPRouterSpec) { spec.Poll = every(seldom, 100*time.Millisecond) })
	r.connectFRR()
	const attempts = 3
	for attempt := range attempts {
		young := fmt.Sprint("young-", attempt)
		r.Join(young, leviathan2.String())
		r.EventuallySays(young, corev1.ConditionFalse, "SessionDown")
		r.check(r.node.StartSpeaker(r.deadline()))
		r.EventuallyOpen(young)
		age := time.Since(r.Node(young).CreationTimestamp.Time)
		if age <= bmpstation.MaxDelay {
			return
		}
		t.Logf("node %s was %s old when it opened, and young no more", young, age)
		r.check(r.node.StopSpeaker(r.deadline()))
	}
	t.Errorf("none of %d nodes opened while it was young", attempts)
}

// TestGoBGP is a second implementation.
func TestGoBGP(t *testing.T) {
	r := newRack(t, "GoBGP", lab.GoBGP{}, login)
	r.typeIn(fmt.Sprintf("gobgp bmp add %s", r.station()))
	r.eventuallyStreaming(r.ID, metav1.ConditionTrue, v1alpha1.ReasonBMPStreaming)
	r.Join("gobgp", leviathan2.String())
	r.EventuallySays("gobgp", corev1.ConditionFalse, "SessionDown")
	awaitKnown(r.Story, "gobgp")
	r.releasedOf("gobgp")
}

func (r *rack) releasedOf(node string) {
	r.Helper()
	r.check(r.node.StartSpeaker(r.deadline()))
	r.EventuallyOpen(node)
	r.EventuallySays(node, corev1.ConditionTrue, "SessionEstablished")
}
