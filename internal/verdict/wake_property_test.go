package verdict_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/peergate/peergate/internal/taint"
	"github.com/peergate/peergate/internal/verdict"
)

// checkWakes: a node that nothing happens to is looked at again before what becomes of it changes, be it by time alone or
// by a router that says the same once more.
func (c *cluster) checkWakes(t *rapid.T, n *member, in verdict.Input) {
	again := c.input(n)
	for i := range again.Policies {
		again.Policies[i].Guarded = in.Policies[i].Guarded
	}
	now := verdict.Decide(again)
	for _, later := range []time.Duration{time.Second, 19 * time.Second, 45 * time.Second, 200 * time.Second} {
		if now.RecheckAfter > 0 && now.RecheckAfter <= later || c.growsStale(again, later) {
			break
		}
		again.Now = c.now.Add(later)
		if next := verdict.Decide(again); c.writes(n, now, next) {
			t.Fatalf("%s: nobody looks at it before it changes, %s on\nnow  %+v\nthen %+v", n.name, later, now, next)
		}
	}
	if now.AwaitsAnswer || now.State == verdict.Held || now.State == verdict.Lost {
		return
	}
	again.Now = c.now.Add(2 * time.Millisecond)
	again.Routers = slices.Clone(again.Routers)
	for i, r := range again.Routers {
		switch {
		case r.AskedAt.IsZero(), r.Failure != nil:
		case c.now.Sub(r.AskedAt) > r.StaleAfter:
			// What comes after a break wakes every node.
			return
		default:
			again.Routers[i].AskedAt = c.now.Add(time.Millisecond)
		}
	}
	if next := verdict.Decide(again); c.writes(n, now, next) {
		t.Fatalf("%s: nobody waits for the next answer, which changes it\nnow  %+v\nthen %+v", n.name, now, next)
	}
}

// growsStale is true if an answer that counts does not any more after a time: who asks the router notices that.
func (c *cluster) growsStale(in verdict.Input, after time.Duration) bool {
	return slices.ContainsFunc(in.Routers, func(r verdict.Evidence) bool {
		age := c.now.Sub(r.AskedAt)
		return age <= r.StaleAfter && age+after > r.StaleAfter
	})
}

// writes is true if a node of which one decision is written would be written to for the next.
func (c *cluster) writes(n *member, written, next verdict.Decision) bool {
	changed := next.Confirm && !written.Confirm
	switch next.Taint {
	case verdict.AddTaint:
		changed = changed || !taint.Has(n.taints, ownTaint)
	case verdict.RemoveTaint:
		changed = changed || taint.Has(n.taints, ownTaint)
	}
	return changed || next.Condition.Change == verdict.SetCondition &&
		(next.Condition.Status != written.Condition.Status || next.Condition.Reason != written.Condition.Reason)
}
