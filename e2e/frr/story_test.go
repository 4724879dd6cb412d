package frr_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/e2e/story"
)

// TestLifeOfANode follows leviathan3 from the day it joined, over the lines that its router lacked, to what may happen
// to a session later.
func TestLifeOfANode(t *testing.T) {
	r := newRack(t)
	r.Join("leviathan2", leviathan2.String())
	r.EventuallyOpen("leviathan2")
	r.Join("leviathan3", leviathan3.String())

	r.heldUntilTheLinesAreTyped()
	r.closedWhileShutDown()
	r.leftAloneWhileBGPDIsDead()
}

func (r *rack) heldUntilTheLinesAreTyped() {
	r.EventuallySays("leviathan3", corev1.ConditionFalse, "NeighborNotConfigured")
	lines := r.remedy("leviathan3")
	want := []string{
		"vtysh", "configure terminal", "router bgp 64512", "neighbor 192.168.3.33 remote-as 64513",
		"address-family ipv4 unicast", "neighbor 192.168.3.33 activate", "exit-address-family", "end", "write memory",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		r.Fatalf("lines to type (-want +got):\n%s", diff)
	}
	if !story.Tainted(r.Node("leviathan3")) {
		r.Fatal("leviathan3 is not held")
	}
	untainted := r.untainted("leviathan3")
	r.typeIn(lines)
	down := r.lastDown(leviathan3)
	select {
	case at := <-untainted:
		r.Logf("open at most %s after the session was Established", at.Sub(down).Round(time.Millisecond))
	case <-r.deadline().Done():
		r.Fatalf("leviathan3 is not released: %s", story.ConditionOf(r.Node("leviathan3")))
	}
	r.EventuallySays("leviathan3", corev1.ConditionTrue, "SessionEstablished")
}

// lastDown waits until the router shows a session as Established, and returns when it was last asked and did not.
func (r *rack) lastDown(peer netip.Addr) (at time.Time) {
	r.Helper()
	at = time.Now()
	asked := at
	r.check(r.edge.WaitSession(r.deadline(), peer, func(s lab.Session) bool {
		if s.State != "Established" {
			// The router was asked some time after it gave the answer before.
			at, asked = asked, time.Now()
		}
		return s.State == "Established"
	}))
	return at
}

// untainted tells when a node loses its taint, as its watchers see it.
func (r *rack) untainted(node string) <-chan time.Time {
	states := r.WatchNode(node)
	seen := make(chan time.Time, 1)
	go func() {
		for n := range states {
			if !story.Tainted(n) {
				seen <- time.Now()
				return
			}
		}
	}()
	return seen
}

func (r *rack) closedWhileShutDown() {
	r.check(r.edge.AdminShutdown(r.deadline(), leviathan3))
	r.EventuallySays("leviathan3", corev1.ConditionFalse, "AdministrativelyDown")
	since := story.Condition(r.Node("leviathan3")).LastTransitionTime
	r.EventuallyTainted("leviathan3")
	if waited := story.TaintAdded(r.Node("leviathan3")).Sub(since.Time); waited < lossGrace {
		r.Errorf("tainted %s after the session was lost, before the grace period of %s", waited, lossGrace)
	}
	r.check(r.edge.AdminEnable(r.deadline(), leviathan3))
	r.EventuallyOpen("leviathan3")
	r.EventuallySays("leviathan3", corev1.ConditionTrue, "SessionEstablished")
}

// leftAloneWhileBGPDIsDead ends every session at once. A router that runs no BGP says nothing of its neighbors.
func (r *rack) leftAloneWhileBGPDIsDead() {
	nodes := []string{"leviathan2", "leviathan3"}
	var checks []func()
	for _, node := range nodes {
		checks = append(checks, r.TaintStays(node))
	}
	r.check(r.edge.KillBGPD(r.deadline()))
	r.EventuallyReachable("edge", metav1.ConditionFalse, "BGPNotRunning")
	r.EventuallyTold("BGPRouter", "edge", "BGPNotRunning")
	for _, node := range nodes {
		r.EventuallySays(node, corev1.ConditionUnknown, "BGPNotRunning")
	}
	r.check(r.edge.Restart(r.deadline()))
	r.EventuallyReachable("edge", metav1.ConditionTrue, v1alpha1.ReasonAnswered)
	for _, node := range nodes {
		r.EventuallySays(node, corev1.ConditionTrue, "SessionEstablished")
	}
	for _, check := range checks {
		check()
	}
}
