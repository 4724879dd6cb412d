package frr_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

// TestFamilies: under a policy that wants IPv6, a session that is Established does not count before both sides have
// activated it. No route comes in either family.
func TestFamilies(t *testing.T) {
	r := newRack(t, func(p *v1alpha1.PeeringPolicySpec) {
		all := intstr.FromString("100%") // of one node
		p.Families, p.MaxUnpeered = v1alpha1.FamiliesIPv6, &all
	})
	const node = "leviathan2"
	r.Join(node, leviathan2.String())
	held := r.TaintStays(node)
	r.EventuallySays(node, corev1.ConditionFalse, "FamilyNotNegotiated")

	r.setIPv6(r.edge.Exec, "64512", leviathan2.String(), "neighbor %s activate")
	r.awaitFamily(`"ipv6Unicast":{"advertised":true}`)
	r.EventuallySays(node, corev1.ConditionFalse, "FamilyNotNegotiated")
	held()

	r.setIPv6(r.speakers[node].Exec, "64513", r.edge.Addr().String(), "neighbor %s activate")
	r.EventuallyOpen(node)
	r.EventuallySays(node, corev1.ConditionTrue, "SessionEstablished")
	if message := story.Condition(r.Node(node)).Message; !strings.Contains(message, "for IPv6") {
		t.Errorf("the condition does not say for which family the session is: %s", message)
	}

	r.setIPv6(r.speakers[node].Exec, "64513", r.edge.Addr().String(), "no neighbor %s activate")
	r.awaitFamily(`"ipv6Unicast":{"advertised":true}`)
	r.EventuallySays(node, corev1.ConditionFalse, "FamilyNotNegotiated")
	r.EventuallyTainted(node)
}

// setIPv6 types a line about a neighbor into the IPv6 part of a router's or a node's configuration.
func (r *rack) setIPv6(exec func(context.Context, ...string) (string, error), asn, peer, line string) {
	r.Helper()
	answer, err := exec(r.deadline(), "vtysh", "-c", "configure terminal", "-c", "router bgp "+asn,
		"-c", "address-family ipv6 unicast", "-c", strings.ReplaceAll(line, "%s", peer))
	r.check(err)
	if strings.Contains(answer, "% ") {
		r.Fatalf("FRR refuses: %s", answer)
	}
}

// awaitFamily waits until the router has an Established session with leviathan2 that says the words of its families.
func (r *rack) awaitFamily(words string) {
	r.Helper()
	r.Eventually("the session says "+words, func(ctx context.Context) error {
		answer, err := r.edge.Exec(ctx, "vtysh", "-c", "show bgp neighbors "+leviathan2.String()+" json")
		if err != nil {
			return err
		}
		if flat := strings.Join(strings.Fields(answer), ""); !strings.Contains(flat, words) || !strings.Contains(flat, `"bgpState":"Established"`) {
			return errors.New("not yet")
		}
		return nil
	})
}
