package chaos_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/kubelet"
	"github.com/peergate/peergate/e2e/story"
)

// racks are the routers of each rack's nodes, by number. A node wants two of them (minEstablished 60%).
var racks = map[string][]int{"a": {0, 1}, "b": {0, 1, 2}}

const needed = 2

// requestTimeout bounds a request of the chaos's own: the API server may be away.
const requestTimeout = 3 * time.Second

// machine is a node that may join, leave and join again, at the same address.
type machine struct {
	name, address, rack string
	joined              bool
}

func newMachines(n int) []*machine {
	machines := make([]*machine, 0, n)
	for i := range n {
		m := &machine{name: fmt.Sprintf("node-%03d", i), address: fmt.Sprintf("10.20.%d.%d", i/250, i%250+1), rack: "a"}
		if i%2 == 1 {
			m.rack = "b"
		}
		machines = append(machines, m)
	}
	return machines
}

// join has the machine join, also where its Node is there already. It is left to the next try where that fails.
func (m *machine) join(ctx context.Context, s *story.Story) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	err := s.Kubelets().Join(ctx, kubelet.Node{
		Name: m.name, Addresses: []netip.Addr{netip.MustParseAddr(m.address)},
		Labels:      map[string]string{story.Label: s.ID, rackLabel: m.rack},
		Annotations: map[string]string{joinedAt: time.Now().Format(time.RFC3339Nano)},
	})
	m.joined = m.joined || err == nil
	return err
}

func (m *machine) leave(ctx context.Context, s *story.Story) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	s.Kubelets().Leave(m.name)
	err := client.IgnoreNotFound(s.Client.Delete(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: m.name}}))
	if err == nil {
		m.joined = false
	}
	return err
}

// exempt sets or removes the exemption of the machine's Node.
func (m *machine) exempt(ctx context.Context, s *story.Story, why any) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	patch := client.RawPatch("application/merge-patch+json", exemption(why))
	return client.IgnoreNotFound(s.Client.Patch(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: m.name}}, patch))
}

// sessions brings all sessions of a machine up, or takes them down.
func (m *machine) sessions(edges []*edge, up bool) {
	for _, i := range racks[m.rack] {
		edges[i].set(m.address, up)
	}
}

// satisfied is what a policy would find if it asked now.
func (m *machine) satisfied(edges []*edge) bool {
	up := 0
	for _, i := range racks[m.rack] {
		if edges[i].up(m.address) {
			up++
		}
	}
	return up >= needed
}

// wants returns nil if the Node is what the truth demands once the chaos is over.
func (m *machine) wants(node *corev1.Node, satisfied bool) error {
	switch tainted := story.Tainted(node); {
	case isExempt(node) && tainted:
		return fmt.Errorf("%s is exempt and tainted; %s", m.name, story.ConditionOf(node))
	case isExempt(node):
		return nil
	case tainted == satisfied:
		return fmt.Errorf("%s is satisfied: %t, and tainted: %t; %s", m.name, satisfied, tainted, story.ConditionOf(node))
	case satisfied && node.Annotations[v1alpha1.AnnotationConfirmedAt] == "":
		return fmt.Errorf("%s is released and not confirmed; %s", m.name, story.ConditionOf(node))
	}
	return nil
}
