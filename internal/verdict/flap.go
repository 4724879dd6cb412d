package verdict

import "time"

// A session that comes and goes must not take the taint with it each time. A node that was lost once is opened as soon
// as its sessions are back; one that is lost again soon after has to keep them for a while. Both times are on the Node,
// so that this survives a restart.

// flaps is true if a node that carries the taint had been lost and opened shortly before. One that never was is as good
// as one that was in the year 1.
func (p Policy) flaps(n Node) bool {
	return p.FlapDamping != 0 && n.Confirmed && n.Tainted && !n.TaintedAt.IsZero() && n.TaintedAt.Sub(n.ReopenedAt) < p.flapWindow()
}

// flapWindow is how soon after it was opened a node has to be lost again to flap.
func (p Policy) flapWindow() time.Duration { return 2 * p.FlapDamping }

// settledAfter is how long a session must have been up before it may open the node.
func (p Policy) settledAfter(n Node) time.Duration {
	if p.flaps(n) {
		return max(p.ReleaseAfter, p.FlapDamping)
	}
	return p.ReleaseAfter
}

// flapping is a policy that may taint the node, and of which it flaps.
func flapping(in Input) (p Policy, found bool) {
	for _, p := range enforcing(in.Policies) {
		if p.flaps(in.Node) {
			return p, true
		}
	}
	return Policy{}, false
}
