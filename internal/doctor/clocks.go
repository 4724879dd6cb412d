package doctor

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/duration"
)

const (
	// clockTolerance is how far two clocks may be apart: the API server's Date header has whole seconds, and everything
	// takes its time.
	clockTolerance = 5 * time.Second
	// heartbeatTolerance is how old the heartbeat of a node that is Ready may be: the API server calls it not ready after
	// 50 s (kube-controller-manager --node-monitor-grace-period).
	heartbeatTolerance = time.Minute
)

// clocks looks for clocks that disagree with the API server's. Peergate decides by its own, so that nothing fails; but the
// ages that people read are wrong.
func clocks(f Facts) ([]Finding, error) {
	server, err := f.Server.Get()
	if err != nil {
		return nil, err
	}
	var found []Finding
	add := func(whose string, off time.Duration) {
		found = append(found, Finding{
			Level: Warning, Message: fmt.Sprintf("the clock of %s is %s the API server's", whose, aheadOrBehind(off)),
			Fix: "See whether its NTP client runs.", Commands: []string{"timedatectl timesync-status"},
		})
	}
	if off := f.Local.Sub(server); off.Abs() > clockTolerance {
		add("this machine", off)
	}
	if lease := f.Lease.Value; lease != nil && lease.Spec.RenewTime != nil {
		if off := lease.Spec.RenewTime.Sub(server); off > clockTolerance {
			add("the leader", off)
		}
	}
	off, err := f.nodeClocks(server)
	for _, node := range off {
		add("node "+node.name, node.off)
	}
	return found, err
}

type nodeClock struct {
	name string
	off  time.Duration
}

// nodeClocks finds nodes whose last heartbeat lies in the future, or too far in the past for a node that is Ready.
func (f Facts) nodeClocks(server time.Time) ([]nodeClock, error) {
	leases, err := f.NodeLeases.Get()
	if err != nil {
		return nil, err
	}
	ready := map[string]bool{}
	for i := range f.Nodes.Value {
		ready[f.Nodes.Value[i].Name] = isReady(&f.Nodes.Value[i])
	}
	var wrong []nodeClock
	for _, lease := range leases {
		if lease.Spec.RenewTime == nil {
			continue
		}
		off := lease.Spec.RenewTime.Sub(server)
		if off > clockTolerance || (ready[lease.Name] && off < -heartbeatTolerance) {
			wrong = append(wrong, nodeClock{lease.Name, off})
		}
	}
	return wrong, nil
}

func isReady(node *corev1.Node) bool {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

func aheadOrBehind(off time.Duration) string {
	word := " ahead of"
	if off < 0 {
		word = " behind"
	}
	return duration.HumanDuration(off.Abs()) + word
}
