package nodelifecycle

import (
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/routerclient"
)

// TestOtherNode: a session whose BGP identifier is an address of another node is known for one.
func TestOtherNode(t *testing.T) {
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	node := func(name string, addresses ...string) *corev1.Node {
		n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
		for _, a := range addresses {
			n.Status.Addresses = append(n.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: a})
		}
		return n
	}
	own := node("n3", "192.0.2.3", "192.0.2.33")
	nodes := []client.Object{own, node("n2", "192.0.2.2"), node("n1", "192.0.2.1", "192.0.2.2"), node("n4", "192.0.2.33")}
	for identifier, want := range map[string]string{"": "", "192.0.2.3": "", "192.0.2.33": "", "192.0.2.2": "n1", "192.0.2.1": "n1", "203.0.113.1": ""} {
		session := routerclient.Session{VRF: routerclient.DefaultVRF, Peer: netip.MustParseAddr("192.0.2.3"), State: routerclient.Established}
		session.PeerRouterID, _ = netip.ParseAddr(identifier)
		table := sessiontable.New()
		table.Record("edge", sessiontable.Answer{
			Snapshot: &routerclient.Snapshot{Sessions: []routerclient.Session{session}}, VRF: sessiontable.AnyVRF,
			AskedAt: now, AnsweredAt: now, StaleAfter: time.Minute,
		})
		r := &Reconciler{
			Client: fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(policyAndRouter()...).WithObjects(nodes...).
				WithIndex(&corev1.Node{}, addressIndex, addressesOf).Build(),
			Table: table, Clock: clocktesting.NewFakePassiveClock(now),
		}
		in, err := r.gather(t.Context(), own)
		if err != nil {
			t.Fatal(err)
		}
		if got := in.Routers[0].Sessions[0].OtherNode; got != want {
			t.Errorf("identifier %q: of node %q, want %q", identifier, got, want)
		}
	}
}
