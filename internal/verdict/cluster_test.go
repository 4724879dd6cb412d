package verdict_test

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/taint"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

// cluster is a cluster with its routers, and one process that decides. What the API server keeps outlives the process;
// the table, and when each node was first seen, do not.
type cluster struct {
	// now is by the clock of the process; the API server's is off by skew.
	now  time.Time
	skew time.Duration

	nodes    map[string]*member
	routers  []*router
	policies []*bound
	// created counts the nodes and policies that ever were.
	created int

	table *sessiontable.Table
	// memory is what the process remembers of each node.
	memory map[string]*memory
}

// member is a Node object, and what has truly happened to it.
type member struct {
	name      string
	uid       int
	createdAt time.Time
	address   netip.Addr
	exempt    string
	taints    []corev1.Taint
	confirmed bool
	condition *verdict.Condition
	// transition is when the condition's status last changed, as the API keeps it: in whole seconds.
	transition time.Time

	joined time.Time
	// released is when the taint last went because of its sessions, and lost is true if it is there because the node lost its sessions.
	released time.Time
	lost     bool
	// reopened is when it last went from a node that had been confirmed before.
	reopened time.Time
	// met is when a process last had no proof that the node lacked what a policy wants, by the policy's name. A process
	// that knows nothing yet proves nothing.
	met map[string]time.Time
}

// memory is what a process knows of a Node beyond what the API server keeps.
type memory struct {
	uid    int
	seenAt time.Time
	metAt  map[string]time.Time
}

// router is a router, and what it would say of each address if it were asked now.
type router struct {
	name    string
	silent  bool
	truth   map[netip.Addr]routerclient.Session
	up      map[netip.Addr]session
	listens bool
	// asked is true if the process has asked it, and heard is the newest whole answer that it has had.
	asked bool
	heard *heard
}

type heard struct {
	askedAt time.Time
	up      map[netip.Addr]session
}

// session is one that is up. It carries IPv4 and IPv6, or IPv4 alone, or what the router does not tell.
type session struct {
	since   time.Time
	carries string
}

// bound is a policy and the share of its nodes that may be lost.
type bound struct {
	verdict.Policy
	// percent of maxUnpeered.
	percent int
}

const staleAfter = 90 * time.Second

var ownTaint = corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}

func newCluster(t *rapid.T) *cluster {
	c := &cluster{
		now:   now,
		skew:  time.Duration(rapid.IntRange(-3600, 3600).Draw(t, "skew of the clocks, in seconds")) * time.Second,
		nodes: map[string]*member{},
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "routers") {
		c.routers = append(c.routers, &router{
			name: fmt.Sprintf("router%d", i), truth: map[netip.Addr]routerclient.Session{}, up: map[netip.Addr]session{},
		})
	}
	for range rapid.IntRange(1, 2).Draw(t, "policies") {
		c.policies = append(c.policies, drawPolicy(t, c.nextPolicy(), c.apiNow()))
	}
	for i := range rapid.IntRange(2, nodeCount).Draw(t, "existing nodes") {
		c.join(i, rapid.Bool().Draw(t, "admitted with the taint"))
		for _, r := range c.routers {
			r.change(addressOf(i), "up", c.now)
		}
	}
	c.restart()
	return c
}

// nodeCount is how many names, and addresses, there are for nodes. Nodes of one name follow one another.
const nodeCount = 4

func addressOf(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 168, 3, byte(31 + i)}) }

func (c *cluster) apiNow() time.Time { return c.now.Add(c.skew).Truncate(time.Second) }

func (c *cluster) nextPolicy() string {
	c.created++
	return fmt.Sprintf("policy%d", c.created)
}

// enforces is true if a policy may taint.
func (c *cluster) enforces() bool {
	return slices.ContainsFunc(c.policies, func(p *bound) bool { return p.Mode != v1alpha1.ModeReport })
}

func (c *cluster) join(i int, tainted bool) {
	c.created++
	n := &member{
		name: fmt.Sprintf("node%d", i), uid: c.created, createdAt: c.apiNow(), address: addressOf(i),
		joined: c.now, met: map[string]time.Time{},
	}
	if tainted {
		n.taints, _ = taint.With(nil, ownTaint, c.now)
	}
	c.nodes[n.name] = n
}

// restart replaces the process: another leader has nothing of what this one had in memory.
func (c *cluster) restart() {
	c.forget()
	for _, r := range c.routers {
		r.heard, r.asked = nil, false
	}
}

func (c *cluster) forget() {
	c.table = sessiontable.New()
	c.memory = map[string]*memory{}
}

// change changes what a router would say of an address from now on.
func (r *router) change(addr netip.Addr, word string, now time.Time) {
	delete(r.truth, addr)
	delete(r.up, addr)
	s := routerclient.Session{VRF: routerclient.DefaultVRF, Peer: addr, State: routerclient.Idle}
	switch word {
	case "up", "up for IPv4", "up for who knows what":
		s.State, s.FamiliesNegotiated = routerclient.Established, word != "up for who knows what"
		s.Families = map[string][]routerclient.Family{
			"up":          {{AFI: routerclient.IPv4}, {AFI: routerclient.IPv6}},
			"up for IPv4": {{AFI: routerclient.IPv4}},
		}[word]
		r.up[addr] = session{since: now, carries: word}
	case "down":
		s.State = routerclient.Active
	case "shut":
		s.AdminDown = true
	default:
		r.listens = word != "absent"
		return
	}
	r.truth[addr] = s
}

// poll asks a router, which takes its time to answer.
func (c *cluster) poll(r *router, takes time.Duration) {
	askedAt := c.now
	r.asked = true
	said := &heard{askedAt: askedAt, up: map[netip.Addr]session{}}
	snapshot := &routerclient.Snapshot{}
	for addr, s := range r.truth {
		if s.State == routerclient.Established {
			said.up[addr] = r.up[addr]
			s.Uptime = max(askedAt.Add(takes).Sub(r.up[addr].since).Truncate(time.Second), time.Second)
		}
		snapshot.Sessions = append(snapshot.Sessions, s)
	}
	if r.listens {
		snapshot.ListenRanges = []routerclient.ListenRange{{VRF: routerclient.DefaultVRF, Prefix: netip.MustParsePrefix("192.168.3.0/24")}}
	}
	c.now = c.now.Add(takes)
	if r.silent {
		c.table.Fail(r.name, verdict.Failure{Reason: routerclient.ReasonTimeout, Message: "no answer"}, c.now)
		return
	}
	r.heard = said
	c.table.Record(r.name, sessiontable.Answer{
		Snapshot: snapshot, VRF: routerclient.DefaultVRF, AskedAt: askedAt, AnsweredAt: c.now, StaleAfter: staleAfter,
	})
}

// input is what the process knows of a node, with every guard down: package nodelifecycle gathers it in the same way.
func (c *cluster) input(n *member) verdict.Input {
	known, ok := c.memory[n.name]
	if !ok || known.uid != n.uid {
		known = &memory{uid: n.uid, seenAt: c.now, metAt: map[string]time.Time{}}
		c.memory[n.name] = known
	}
	in := verdict.Input{Now: c.now, Node: verdict.Node{
		CreatedAt: n.createdAt, SeenAt: known.seenAt, Exempt: n.exempt, Addresses: []netip.Addr{n.address},
		Tainted: taint.Has(n.taints, ownTaint), TaintedAt: n.taintedAt(), Confirmed: n.confirmed, ReopenedAt: n.reopened,
	}}
	if n.condition != nil && n.condition.Status == corev1.ConditionFalse {
		in.Node.UnpeeredSince = n.transition.Add(time.Second)
	}
	for _, p := range c.policies {
		described := p.Policy
		described.MetAt = known.metAt[p.Name]
		in.Policies = append(in.Policies, described)
	}
	for _, r := range c.routers {
		in.Routers = append(in.Routers, c.table.Evidence(r.name, in.Node.Addresses))
	}
	return in
}

// guard sets which policies must not taint a node that has lost its sessions.
func (c *cluster) guard(in verdict.Input) {
	for i := range in.Policies {
		nodes, unpeered := 0, 0
		for _, other := range c.nodes {
			if other.exempt != "" {
				continue
			}
			nodes++
			if verdict.Unpeered(c.input(other), in.Policies[i]) {
				unpeered++
			}
		}
		in.Policies[i].Guarded = verdict.GuardTrips(unpeered, nodes, c.policies[i].maxUnpeered())
	}
}

// apply writes what a decision changes, in the order of package nodelifecycle. A process may be killed between its two
// writes.
func (c *cluster) apply(n *member, d verdict.Decision, killed bool) {
	for _, policy := range d.Met {
		c.memory[n.name].metAt[policy] = c.now
	}
	writes := []func(){func() { c.writeTaint(n, d) }, func() { c.writeCondition(n, d.Condition) }}
	if d.Taint == verdict.RemoveTaint {
		slices.Reverse(writes)
	}
	if killed {
		writes = writes[:1]
	}
	for _, write := range writes {
		write()
	}
}

func (c *cluster) writeTaint(n *member, d verdict.Decision) {
	switch d.Taint {
	case verdict.AddTaint:
		n.lost = n.lost || n.confirmed
		n.taints, _ = taint.With(n.taints, ownTaint, c.now)
	case verdict.RemoveTaint:
		if n.lost = false; d.State == verdict.Peered && taint.Has(n.taints, ownTaint) {
			n.released = c.now
		}
		n.taints, _ = taint.Without(n.taints, ownTaint)
	}
	if d.Reopen {
		n.reopened = c.now.Truncate(time.Second)
	}
	n.confirmed = n.confirmed || d.Confirm
}

// taintedAt is when the taint was added; zero for one that somebody else has added.
func (n *member) taintedAt() time.Time {
	for _, t := range n.taints {
		if t.Key == ownTaint.Key && t.TimeAdded != nil {
			return t.TimeAdded.Time
		}
	}
	return time.Time{}
}

func (c *cluster) writeCondition(n *member, want verdict.Condition) {
	switch want.Change {
	case verdict.DropCondition:
		n.condition = nil
	case verdict.SetCondition:
		if n.condition == nil || n.condition.Status != want.Status {
			n.transition = c.now.Truncate(time.Second)
		}
		n.condition = &want
	}
}

func drawPolicy(t *rapid.T, name string, createdAt time.Time) *bound {
	p := &bound{Policy: verdict.Policy{
		Name: name, CreatedAt: createdAt,
		LossGrace: time.Duration(rapid.SampledFrom([]int{30, 150, 1, 0}).Draw(t, "lossGracePeriod, in seconds")) * time.Second,
	}}
	p.edit(t)
	return p
}

func (p *bound) edit(t *rapid.T) {
	p.Mode = rapid.SampledFrom([]v1alpha1.Mode{v1alpha1.ModeContinuous, v1alpha1.ModeBootstrap, v1alpha1.ModeReport}).Draw(t, "mode")
	p.MinEstablished = rapid.SampledFrom(shares).Draw(t, "minEstablished")
	p.ReleaseAfter = time.Duration(rapid.SampledFrom([]int{0, 0, 20}).Draw(t, "releaseAfter, in seconds")) * time.Second
	p.FlapDamping = time.Duration(rapid.SampledFrom([]int{0, 40}).Draw(t, "flapDamping, in seconds")) * time.Second
	p.Families = rapid.SampledFrom([]v1alpha1.Families{
		v1alpha1.FamiliesAny, v1alpha1.FamiliesAny, v1alpha1.FamiliesIPv4, v1alpha1.FamiliesIPv6, v1alpha1.FamiliesAll,
	}).Draw(t, "families")
	p.HoldExisting = rapid.Bool().Draw(t, "existingNodes: Hold")
	p.percent = rapid.SampledFrom([]int{50, 100, 34, 0}).Draw(t, "maxUnpeered, in percent")
}
