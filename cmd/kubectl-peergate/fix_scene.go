package main

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/fix"
	"github.com/peergate/peergate/internal/nodeaddress"
	"github.com/peergate/peergate/internal/nodeselector"
	"github.com/peergate/peergate/internal/report"
	"github.com/peergate/peergate/internal/verdict"
)

// fixScene is what the cluster says of a node that is to be added to its routers.
type fixScene struct {
	question
	node      *corev1.Node
	neighbor  netip.Addr
	addresses map[netip.Addr]string // of all nodes, with the names of these
	routers   []v1alpha1.BGPRouter
	policies  []string // those that select the node
}

func gatherFix(ctx context.Context, reader client.Reader, name string, q question) (*fixScene, error) {
	s := &fixScene{question: q, addresses: map[netip.Addr]string{}}
	var err error
	if s.neighbor, err = parseAddress(q.address); err != nil {
		return nil, err
	}
	if err := s.gatherNodes(ctx, reader, name); err != nil {
		return nil, err
	}
	if err := s.gatherRouters(ctx, reader); err != nil {
		return nil, err
	}
	return s, s.gatherPolicies(ctx, reader)
}

func (s *fixScene) gatherNodes(ctx context.Context, reader client.Reader, name string) error {
	var nodes corev1.NodeList
	if err := report.List(ctx, reader, &nodes, schema.GroupResource{Resource: "nodes"}); err != nil {
		return err
	}
	for i := range nodes.Items {
		node := &nodes.Items[i]
		for _, addr := range nodeaddress.Of(node) {
			s.addresses[addr] = node.Name
		}
		if node.Name == name {
			s.node = node
		}
	}
	if s.node == nil {
		return fmt.Errorf("there is no node %q", name)
	}
	if owner := s.addresses[s.neighbor]; owner != "" && owner != name {
		return fmt.Errorf("--address: %s is an address of node %s", s.neighbor, owner)
	}
	return nil
}

func (s *fixScene) gatherRouters(ctx context.Context, reader client.Reader) error {
	var routers v1alpha1.BGPRouterList
	if err := report.List(ctx, reader, &routers, schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "bgprouters"}); err != nil {
		return err
	}
	for i := range routers.Items {
		router := &routers.Items[i]
		selected, err := nodeselector.Takes(router.Spec.NodeSelector, s.node)
		if err != nil {
			return fmt.Errorf("reading spec.nodeSelector of BGPRouter %s: %w", router.Name, err)
		}
		if selected && (s.router == "" || s.router == router.Name) {
			s.routers = append(s.routers, *router)
		}
	}
	switch {
	case len(s.routers) > 0:
		return nil
	case s.router != "":
		return fmt.Errorf("there is no BGPRouter %q that serves node %s", s.router, s.node.Name)
	}
	return fmt.Errorf("no BGPRouter serves node %s", s.node.Name)
}

func (s *fixScene) gatherPolicies(ctx context.Context, reader client.Reader) error {
	var policies v1alpha1.PeeringPolicyList
	if err := report.List(ctx, reader, &policies, schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "peeringpolicies"}); err != nil {
		return err
	}
	for i := range policies.Items {
		policy := &policies.Items[i]
		selected, err := nodeselector.Takes(policy.Spec.NodeSelector, s.node)
		if err != nil {
			return fmt.Errorf("reading spec.nodeSelector of PeeringPolicy %s: %w", policy.Name, err)
		}
		if selected {
			s.policies = append(s.policies, policy.Name)
		}
	}
	return nil
}

// words are what a person should know before the routers are asked.
func (s *fixScene) words() []string {
	var words []string
	if len(s.policies) == 0 {
		words = append(words, fmt.Sprintf("No PeeringPolicy selects node %s: nothing holds it.", s.node.Name))
	}
	if reason := s.node.Annotations[v1alpha1.AnnotationExempt]; reason != "" {
		words = append(words, fmt.Sprintf("Node %s is exempt: %s", s.node.Name, reason))
	}
	if s.neighbor.IsValid() && s.addresses[s.neighbor] == "" {
		words = append(words, fmt.Sprintf("%s is no address of node %s: its session counts once annotation %s of the node names it.",
			s.neighbor, s.node.Name, v1alpha1.AnnotationBGPAddress))
	}
	return words
}

func (s *fixScene) questionTo(router *v1alpha1.BGPRouter) fix.Question {
	vrf := router.Spec.VRF
	if vrf == "" {
		vrf = "default"
	}
	return fix.Question{
		Router: router.Name, Platform: router.Spec.Platform, VRF: vrf,
		Node: verdict.Node{Addresses: nodeaddress.Of(s.node)}, Neighbor: s.neighbor,
		IsNode:   func(a netip.Addr) bool { return s.addresses[a] != "" },
		LocalASN: s.routerASN, RemoteASN: s.nodeASN, PeerGroup: s.peerGroup,
	}
}

// hint is what the node's condition says to type on a router, or "".
func (s *fixScene) hint(router string) string {
	for _, c := range s.node.Status.Conditions {
		if c.Type != v1alpha1.NodeConditionBGPPeered || c.Status != corev1.ConditionFalse {
			continue
		}
		_, after, found := strings.Cut(c.Message, "Type on "+router+":\n")
		if !found {
			return ""
		}
		lines := strings.Split(after, "\n")
		for i, line := range lines {
			if !strings.HasPrefix(line, "  ") {
				lines = lines[:i]
				break
			}
			lines[i] = strings.TrimPrefix(line, "  ")
		}
		return strings.Join(lines, "\n")
	}
	return ""
}
