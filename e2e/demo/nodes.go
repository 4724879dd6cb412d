package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/bgp"
)

// taintKey is that of the shipped manifests.
const taintKey = "bgp-unpeered"

const forgottenNode = "leviathan3"

// nodes are those of the story, with loopback addresses in place of 192.168.3.31 to .33.
var nodes = []struct {
	name string
	addr netip.Addr
	// forgotten is true for the node that nobody told the router about.
	forgotten bool
}{
	{name: "leviathan1", addr: netip.MustParseAddr("127.0.3.31")},
	{name: "leviathan2", addr: netip.MustParseAddr("127.0.3.32")},
	{name: forgottenNode, addr: netip.MustParseAddr("127.0.3.33"), forgotten: true},
}

func joinNodes(ctx context.Context, st *stage) error {
	st.speakers = make(map[string]*bgp.Node)
	for _, node := range nodes {
		if err := st.cluster.Node(ctx, node.name, node.addr.String()); err != nil {
			return err
		}
		speaker, err := bgp.DialNode(ctx, node.addr, asn, st.edge.Router)
		if err != nil {
			return err
		}
		st.onTakeDown(func() error {
			speaker.Stop()
			return nil
		})
		st.speakers[node.name] = speaker
	}
	st.screen.say("Each is a stand-in that registers with its own kubelet's identity; pods come up there, but nothing runs in them.")
	st.screen.say("Its BGP speaker is a live one. It dials the router from the node's address.")
	for _, node := range nodes {
		check := st.released
		if node.forgotten {
			check = st.held
		}
		if err := await(ctx, "what becomes of "+node.name, func(ctx context.Context) error { return check(ctx, node.name) }); err != nil {
			return err
		}
	}
	return st.showNodes(ctx)
}

func (st *stage) showNodes(ctx context.Context) error {
	return st.kubectl.show(ctx, st.screen, "get", "nodes", "-o", table("nodes"))
}

func (st *stage) node(ctx context.Context, name string) (*corev1.Node, error) {
	var node corev1.Node
	return &node, st.client.Get(ctx, client.ObjectKey{Name: name}, &node)
}

// released is true of a node that its router confirmed and that takes pods.
func (st *stage) released(ctx context.Context, name string) error {
	node, err := st.node(ctx, name)
	if err != nil {
		return err
	}
	condition := peered(node)
	if condition.Status != corev1.ConditionTrue || len(node.Spec.Taints) > 0 || node.Annotations[v1alpha1.AnnotationConfirmedAt] == "" {
		return fmt.Errorf("%s is not released: taints %v, BGPPeered %q: %s", name, node.Spec.Taints, condition.Status, condition.Message)
	}
	return nil
}

// held is true of a node that is Ready for Kubernetes and unknown to the router.
func (st *stage) held(ctx context.Context, name string) error {
	node, err := st.node(ctx, name)
	if err != nil {
		return err
	}
	condition := peered(node)
	if condition.Status != corev1.ConditionFalse || condition.Reason != "NeighborNotConfigured" || !tainted(node) || len(node.Spec.Taints) > 1 {
		return fmt.Errorf("%s is not held: taints %v, BGPPeered %q: %s", name, node.Spec.Taints, condition.Status, condition.Message)
	}
	return nil
}

func tainted(node *corev1.Node) bool {
	return slices.ContainsFunc(node.Spec.Taints, func(t corev1.Taint) bool {
		return t.Key == taintKey && t.Effect == corev1.TaintEffectNoSchedule
	})
}

// peered returns the zero condition for a node that has none yet.
func peered(node *corev1.Node) corev1.NodeCondition {
	for _, condition := range node.Status.Conditions {
		if condition.Type == v1alpha1.NodeConditionBGPPeered {
			return condition
		}
	}
	return corev1.NodeCondition{}
}
