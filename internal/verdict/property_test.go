package verdict_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"pgregory.net/rapid"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/taint"
	"github.com/peergate/peergate/internal/verdict"
)

// Most of what can go wrong takes a node that is confirmed and then lost, which short histories seldom come to. Arguments
// on the command line come later, and win.
func init() {
	for name, value := range map[string]string{"rapid.checks": "500", "rapid.steps": "60"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
}

// TestInvariants lets clusters live, and holds every decision against what has truly happened. What a decision should
// have been is never computed in the way that it was.
func TestInvariants(t *testing.T) { rapid.Check(t, liveAndHold) }

// FuzzInvariants does so for as long as somebody lets it, and looks for histories that take new ways through the code.
func FuzzInvariants(f *testing.F) { f.Fuzz(rapid.MakeFuzz(liveAndHold)) }

func liveAndHold(t *rapid.T) {
	c := newCluster(t)
	t.Repeat(map[string]func(*rapid.T){
		"time passes":            c.timePasses,
		"router is asked":        c.routerIsAsked,
		"session changes":        c.sessionChanges,
		"node is decided":        c.nodeIsDecided,
		"round at once":          c.roundAfter(time.Millisecond),
		"round a second on":      c.roundAfter(time.Second),
		"round half a minute on": c.roundAfter(30 * time.Second),
		"round a minute on":      c.roundAfter(time.Minute),
		"something rare":         c.somethingRare,
		"":                       c.newLeaderLeavesAll,
	})
}

func (c *cluster) somethingRare(t *rapid.T) {
	rapid.SampledFrom([]func(*rapid.T){
		c.routerGoesSilent, c.nodeJoins, c.nodeLeaves, c.nodeIsExempted, c.taintIsMeddledWith, c.policyChanges, c.policyGoes,
		func(*rapid.T) { c.restart() },
	}).Draw(t, "event")(t)
}

func (c *cluster) timePasses(t *rapid.T) {
	c.now = c.now.Add(time.Duration(rapid.SampledFrom([]int{1, 400, 1000, 19_000, 30_000, 89_000, 151_000}).Draw(t, "milliseconds")) * time.Millisecond)
}

func (c *cluster) routerIsAsked(t *rapid.T) {
	r := c.drawRouter(t)
	c.poll(r, time.Duration(rapid.SampledFrom([]int{1, 700, 9000}).Draw(t, "milliseconds to answer"))*time.Millisecond)
}

func (c *cluster) routerGoesSilent(t *rapid.T) {
	r := c.drawRouter(t)
	r.silent = !r.silent
}

// sessionChanges changes what one router, or every router, would say of a node.
func (c *cluster) sessionChanges(t *rapid.T) {
	addr := c.draw(t).address
	routers := c.routers
	if rapid.Bool().Draw(t, "on one router") {
		routers = []*router{c.drawRouter(t)}
	}
	word := rapid.SampledFrom([]string{"up", "up", "up", "up for IPv4", "up for who knows what", "down", "shut", "absent", "absent, in a listen range"}).Draw(t, "session")
	for _, r := range routers {
		r.change(addr, word, c.now)
	}
}

func (c *cluster) nodeJoins(t *rapid.T) {
	c.join(rapid.IntRange(0, nodeCount-1).Draw(t, "node"), rapid.Bool().Draw(t, "admitted with the taint"))
}

func (c *cluster) nodeLeaves(t *rapid.T) { delete(c.nodes, c.draw(t).name) }

func (c *cluster) nodeIsExempted(t *rapid.T) {
	n := c.draw(t)
	n.exempt = rapid.SampledFrom([]string{"", "no BGP in this rack"}).Draw(t, "exempt")
}

// taintIsMeddledWith is somebody else's write, of their own taint or, by mistake, of ours.
func (c *cluster) taintIsMeddledWith(t *rapid.T) {
	n := c.draw(t)
	n.taints = rapid.SampledFrom([][]corev1.Taint{
		nil,
		{{Key: "other", Effect: corev1.TaintEffectNoExecute}},
		{ownTaint},
		{{Key: ownTaint.Key, Value: "x", Effect: corev1.TaintEffectNoExecute}, {Key: "other"}, ownTaint},
	}).Draw(t, "taints")
	n.lost = n.lost && taint.Has(n.taints, ownTaint)
}

func (c *cluster) policyChanges(t *rapid.T) {
	i := rapid.IntRange(0, 1).Draw(t, "policy")
	if i >= len(c.policies) {
		c.policies = append(c.policies, drawPolicy(t, c.nextPolicy(), c.apiNow()))
		return
	}
	c.policies[i].edit(t)
	// What an edited policy wants was not wanted before.
	for _, n := range c.nodes {
		delete(n.met, c.policies[i].Name)
	}
}

func (c *cluster) policyGoes(t *rapid.T) {
	if len(c.policies) == 0 {
		t.Skip("no policy")
	}
	c.policies = c.policies[1:]
}

func (c *cluster) drawRouter(t *rapid.T) *router {
	return c.routers[rapid.IntRange(0, len(c.routers)-1).Draw(t, "router")]
}

func (c *cluster) draw(t *rapid.T) *member {
	if len(c.nodes) == 0 {
		t.Skip("no node")
	}
	return c.nodes[rapid.SampledFrom(slices.Sorted(maps.Keys(c.nodes))).Draw(t, "node")]
}

func (c *cluster) nodeIsDecided(t *rapid.T) {
	c.decide(t, c.draw(t), rapid.Float64Range(0, 1).Draw(t, "killed") > 0.9)
}

// roundAfter is what happens all day long: every router is asked, and every node decided.
func (c *cluster) roundAfter(d time.Duration) func(*rapid.T) {
	return func(t *rapid.T) {
		c.now = c.now.Add(d)
		for _, r := range c.routers {
			c.poll(r, time.Millisecond)
		}
		for _, name := range slices.Sorted(maps.Keys(c.nodes)) {
			c.decide(t, c.nodes[name], false)
		}
	}
}

// decide lets the process decide about a node, as package nodelifecycle does, and holds what it does against the
// invariants.
func (c *cluster) decide(t *rapid.T, n *member, killed bool) {
	in := c.input(n)
	if d := verdict.Decide(in); d.State == verdict.Lost && d.Taint == verdict.AddTaint {
		c.guard(in)
	}
	d := verdict.Decide(in)
	if !killed {
		c.remember(n)
	}
	c.checkRelease(t, n, in, d)
	c.checkHold(t, n, in, d)
	c.checkLoss(t, n, in, d)
	c.checkSilence(t, n, d)
	checkOrder(t, in, d)
	before := n.taints
	c.apply(n, d, killed)
	checkOthers(t, before, n.taints)
	if killed {
		c.restart()
		return
	}
	c.checkSteady(t, n, in, d)
	c.checkWakes(t, n, in)
	c.checkUninstall(t, n)
}

// good counts the routers that have truly said, when asked since the node joined and lately enough, that its session is
// up, carries what a policy wants, and has been up for long enough.
func (c *cluster) good(n *member, p verdict.Policy) int {
	count := 0
	for _, r := range c.routers {
		s, up := r.sessionOf(n, c.now)
		if up && s.has(p) && r.heard.askedAt.After(n.joined) && !s.since.After(c.now.Add(-n.mustBeUp(p)).Add(clockGrain)) {
			count++
		}
	}
	return count
}

// mustBeUp is for how long a session must have been up: for longer where the node was closed soon after it was opened
// again.
func (n *member) mustBeUp(p verdict.Policy) time.Duration {
	at := n.taintedAt()
	if !n.confirmed || at.IsZero() || n.reopened.IsZero() || !at.Before(n.reopened.Add(2*p.FlapDamping)) {
		return p.ReleaseAfter
	}
	return max(p.ReleaseAfter, p.FlapDamping)
}

// has is true if the session is known to carry what a policy wants, and mayHave if it is not known not to. Every node
// has one address, of IPv4.
func (s session) has(p verdict.Policy) bool {
	return p.Families == v1alpha1.FamiliesAny || s.carries == "up" || s.carries == "up for IPv4" && p.Families != v1alpha1.FamiliesIPv6
}

func (s session) mayHave(p verdict.Policy) bool {
	return s.has(p) || s.carries == "up for who knows what"
}

// clockGrain is the whole second to which the routers of a cluster round how long a session has been up.
const clockGrain = time.Second

// sessionOf is the node's session, if the newest answer that still counts says that it is up.
func (r *router) sessionOf(n *member, now time.Time) (s session, up bool) {
	if !r.fresh(now) {
		return session{}, false
	}
	s, up = r.heard.up[n.address]
	return s, up
}

func (r *router) fresh(now time.Time) bool {
	return r.heard != nil && !r.heard.askedAt.Add(staleAfter).Before(now)
}

// mayHave is true if the node may have what a policy wants, for all that the routers have said.
func (c *cluster) mayHave(n *member, p verdict.Policy) bool {
	possible := 0
	for _, r := range c.routers {
		if s, up := r.sessionOf(n, c.now); up && s.mayHave(p) || !r.fresh(c.now) {
			possible++
		}
	}
	return possible >= needed(p, len(c.routers))
}

// shares are values of minEstablished, and needed what they mean among one to three routers.
var shares = []intstr.IntOrString{
	intstr.FromInt32(1), intstr.FromInt32(2), intstr.FromInt32(7), intstr.FromString("34%"), intstr.FromString("100%"),
}

func needed(p verdict.Policy, routers int) int {
	return map[string][]int{"1": {1, 1, 1}, "2": {1, 2, 2}, "7": {1, 2, 3}, "34%": {1, 1, 2}, "100%": {1, 2, 3}}[p.MinEstablished.String()][routers-1]
}

// maxUnpeered as the API has it, and the number it allows.
func (p *bound) maxUnpeered() intstr.IntOrString {
	return intstr.FromString(fmt.Sprintf("%d%%", p.percent))
}

func (p *bound) allowed(nodes int) int { return nodes * p.percent / 100 }

// remember notes which policies the node may satisfy at the moment, by a process that lives to write so.
func (c *cluster) remember(n *member) {
	if c.knowsTooLittle() {
		return
	}
	for _, p := range c.policies {
		if c.mayHave(n, p.Policy) {
			n.met[p.Name] = c.now
		}
	}
}

// knowsTooLittle is true while there is a router of which the process knows nothing, good or bad.
func (c *cluster) knowsTooLittle() bool {
	return slices.ContainsFunc(c.routers, func(r *router) bool { return !r.asked })
}

// checkRelease is invariant 1: a node is opened by answers that are about itself, or by somebody's will.
func (c *cluster) checkRelease(t *rapid.T, n *member, in verdict.Input, d verdict.Decision) {
	if n.exempt != "" || len(c.policies) == 0 {
		if d.Taint != verdict.RemoveTaint {
			t.Fatalf("%s is free of policies, and its taint stays", n.name)
		}
		return
	}
	for _, p := range c.policies {
		enough := c.good(n, p.Policy) >= needed(p.Policy, len(c.routers))
		if !enough && d.Taint == verdict.RemoveTaint && p.Mode != v1alpha1.ModeReport {
			t.Fatalf("%s is opened without the sessions that %s wants: %+v", n.name, p.Name, in)
		}
		if !enough && d.Confirm && (p.Mode != v1alpha1.ModeReport || !c.enforces()) {
			t.Fatalf("%s is confirmed without the sessions that %s wants: %+v", n.name, p.Name, in)
		}
	}
	if d.Confirm && (d.Taint != verdict.RemoveTaint || n.confirmed) {
		t.Fatalf("%s is confirmed without being opened, or twice", n.name)
	}
}

// checkHold: a node that was never confirmed is tainted only if it is new, or existing nodes are to be held.
func (c *cluster) checkHold(t *rapid.T, n *member, in verdict.Input, d verdict.Decision) {
	if n.confirmed || n.exempt != "" {
		return
	}
	holds := func(p *bound) bool {
		return p.Mode != v1alpha1.ModeReport && (in.Node.Tainted || p.HoldExisting || !n.createdAt.Before(p.CreatedAt))
	}
	may := slices.ContainsFunc(c.policies, holds)
	if d.Taint == verdict.AddTaint && !may {
		t.Fatalf("%s is tainted, though it was there first", n.name)
	}
	if may && d.Taint == verdict.LeaveTaint {
		t.Fatalf("%s is neither held nor opened: %+v", n.name, d)
	}
}

// checkLoss is invariant 3, and that a node is tainted only after it has been without its sessions for the grace period,
// whatever became of the processes that watched it.
func (c *cluster) checkLoss(t *rapid.T, n *member, in verdict.Input, d verdict.Decision) {
	if !n.confirmed || in.Node.Tainted || d.Taint != verdict.AddTaint {
		return
	}
	lacks := func(p *bound) bool {
		return p.Mode == v1alpha1.ModeContinuous && !c.mayHave(n, p.Policy) &&
			!n.met[p.Name].Add(p.LossGrace).After(c.now) && !n.released.Add(p.LossGrace).After(c.now) &&
			c.lost(p.Policy)+1 <= p.allowed(c.counted())
	}
	if !slices.ContainsFunc(c.policies, lacks) {
		t.Fatalf("%s is tainted for a loss too soon, or together with too many, or for none\nmet %v, released %v, now %v\nnode %+v\npolicies %+v",
			n.name, n.met, n.released, c.now, in.Node, in.Policies)
	}
}

// lost counts the nodes that carry the taint for having lost their sessions, and have not got those back that a policy
// wants; counted those that a share is of.
func (c *cluster) lost(p verdict.Policy) int {
	count := 0
	for _, n := range c.nodes {
		if n.lost && n.exempt == "" && c.good(n, p) < needed(p, len(c.routers)) {
			count++
		}
	}
	return count
}

func (c *cluster) counted() int {
	count := 0
	for _, n := range c.nodes {
		if n.exempt == "" {
			count++
		}
	}
	return count
}

// checkSilence is invariant 2: where no router gives an answer that counts, no taint changes but that of a node which is
// held.
func (c *cluster) checkSilence(t *rapid.T, n *member, d verdict.Decision) {
	heard := slices.ContainsFunc(c.routers, func(r *router) bool { return r.fresh(c.now) })
	if heard || n.exempt != "" || !c.enforces() {
		return
	}
	if d.Taint == verdict.RemoveTaint || (d.Taint == verdict.AddTaint && n.confirmed) || d.Confirm {
		t.Fatalf("%s: silence changes a taint: %+v", n.name, d)
	}
	if d.Condition.Change == verdict.SetCondition && d.Condition.Status != corev1.ConditionUnknown {
		t.Fatalf("%s: silence says %+v", n.name, d.Condition)
	}
}

// newLeaderLeavesAll is invariant 2 for the process that would take over now: it knows no answer, changes no taint of a
// node that was confirmed, opens none, and leaves the condition, and with it the time that the grace period runs from.
func (c *cluster) newLeaderLeavesAll(t *rapid.T) {
	fresh := *c
	fresh.forget()
	for _, n := range c.nodes {
		in := fresh.input(n)
		d := verdict.Decide(in)
		if n.exempt != "" || !c.enforces() {
			continue
		}
		if d.Taint == verdict.RemoveTaint || (d.Taint == verdict.AddTaint && n.confirmed) || d.Condition.Change != verdict.LeaveCondition {
			t.Fatalf("a new leader with an empty table changes %s: %+v", n.name, d)
		}
	}
}

// checkSteady is invariant 6: a decision that was written is not written again, now or a moment later.
func (c *cluster) checkSteady(t *rapid.T, n *member, in verdict.Input, d verdict.Decision) {
	again := c.input(n)
	for i := range again.Policies {
		again.Policies[i].Guarded = in.Policies[i].Guarded
	}
	for _, later := range []time.Duration{0, time.Millisecond} {
		again.Now = c.now.Add(later)
		next := verdict.Decide(again)
		if next.Answers == nil || later == 0 || sameOutcomes(d, next) {
			c.checkNoWrite(t, n, next)
		}
	}
}

func sameOutcomes(a, b verdict.Decision) bool {
	return a.State == b.State && slices.EqualFunc(a.Answers, b.Answers, func(x, y verdict.Answer) bool { return x.Reason == y.Reason }) &&
		a.Condition.Reason == b.Condition.Reason && a.Taint == b.Taint
}

func (c *cluster) checkNoWrite(t *rapid.T, n *member, d verdict.Decision) {
	changed := false
	switch d.Taint {
	case verdict.AddTaint:
		_, changed = taint.With(n.taints, ownTaint, c.now)
	case verdict.RemoveTaint:
		changed = taint.Has(n.taints, ownTaint)
	}
	if changed || d.Confirm {
		t.Fatalf("%s: a decision that was written is written again: %+v", n.name, d)
	}
	if d.Condition.Change == verdict.SetCondition && (n.condition == nil || !cmp.Equal(*n.condition, d.Condition)) {
		t.Fatalf("%s: the condition is written again: %s", n.name, cmp.Diff(n.condition, &d.Condition))
	}
}

// checkOthers is invariant 4, as far as it is pure.
func checkOthers(t *rapid.T, before, after []corev1.Taint) {
	others := func(taints []corev1.Taint) []corev1.Taint {
		return slices.DeleteFunc(slices.Clone(taints), func(t corev1.Taint) bool { return t.Key == ownTaint.Key })
	}
	if !slices.Equal(others(before), others(after)) {
		t.Fatalf("the taints of others change: %v, then %v", before, after)
	}
}

// checkUninstall is invariant 8: without policies, no taint and no condition stay.
func (c *cluster) checkUninstall(t *rapid.T, n *member) {
	in := c.input(n)
	in.Policies = nil
	d := verdict.Decide(in)
	if d.Taint != verdict.RemoveTaint || d.Confirm || (n.exempt == "" && d.Condition.Change != verdict.DropCondition) {
		t.Fatalf("%s: without policies, %+v", n.name, d)
	}
}

// checkOrder: no decision depends on the order of the policies or of the routers.
func checkOrder(t *rapid.T, in verdict.Input, d verdict.Decision) {
	in.Policies, in.Routers = slices.Clone(in.Policies), slices.Clone(in.Routers)
	slices.Reverse(in.Policies)
	slices.Reverse(in.Routers)
	r := verdict.Decide(in)
	if r.State != d.State || r.Taint != d.Taint || r.Confirm != d.Confirm || r.RecheckAfter != d.RecheckAfter ||
		r.AwaitsAnswer != d.AwaitsAnswer || r.Condition.Status != d.Condition.Status {
		t.Fatalf("the order matters: %+v, and reversed %+v", d, r)
	}
}
