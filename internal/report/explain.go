package report

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/nodeaddress"
	"github.com/peergate/peergate/internal/nodestate"
	"github.com/peergate/peergate/internal/verdict"
)

// Explanation is why one node is as it is.
type Explanation struct {
	Node Node `json:"node"`
	// Headline says what became of the node, in the words of its condition.
	Headline string `json:"headline,omitempty"`
	// Addresses are those from which the node's sessions come.
	Addresses []string   `json:"addresses"`
	Policies  []Demand   `json:"policies"`
	Routers   []Answer   `json:"routers"`
	Next      []string   `json:"next"`
	Events    []NodeTold `json:"events"`
	// EventsUnknown is why the Events could not be read, or "".
	EventsUnknown string `json:"eventsUnknown,omitempty"`
	NeedsPerson   bool   `json:"needsPerson"`
}

// Demand is what one policy wants of the node.
type Demand struct {
	Policy   string        `json:"policy"`
	Mode     v1alpha1.Mode `json:"mode"`
	Wants    string        `json:"wants"`
	OnLoss   string        `json:"onLoss"`
	Guarding bool          `json:"guarding"`
}

// Answer is what one router said of the node.
type Answer struct {
	Router Router `json:"router"`
	// Says are whole sentences, with the router's name.
	Says []string `json:"says"`
	// At is when the manager wrote that down, or nil if nothing is written. It writes again when the router, which is asked
	// all the time, says something else.
	At *metav1.Time `json:"at,omitempty"`
	// Type are the lines to type on the router, and Note what they leave open.
	Type []string `json:"type,omitempty"`
	Note string   `json:"note,omitempty"`
}

// NodeTold is an Event about the node.
type NodeTold struct {
	At     metav1.Time `json:"at"`
	Reason string      `json:"reason"`
	Note   string      `json:"note"`
	// Count is how often it was told.
	Count int32 `json:"count"`
}

// Explain says why a node is as it is; ok is false if there is no such node. events are those of EventsOf.
func (c Cluster) Explain(name string, events []eventsv1.Event, now time.Time) (e Explanation, ok bool) {
	i := slices.IndexFunc(c.Nodes, func(n corev1.Node) bool { return n.Name == name })
	if i < 0 {
		return e, false
	}
	node := &c.Nodes[i]
	e.Node = c.node(node)
	said := nodestate.Parse(e.Node.Message)
	e.Headline, e.Addresses = said.Headline, addressesOf(node)
	if e.Node.State == verdict.Exempt {
		e.Headline = "Exempt: " + e.Node.Message
	}
	e.Policies, e.Routers = c.demands(e.Node), c.answers(e.Node, said)
	e.Events = toldOf(events)
	e.NeedsPerson = e.Node.needsPerson(now) || c.cannotJudge(e, now)
	e.Next = c.next(e, now)
	return e, true
}

// cannotJudge is true if nothing will become of the node before a person has looked at the manager, or at a router.
func (c Cluster) cannotJudge(e Explanation, now time.Time) bool {
	switch e.Node.State {
	case verdict.Peered, verdict.Exempt, verdict.Unselected:
		return false
	}
	leader := c.leader(now)
	return leader.Alive != nil && !*leader.Alive ||
		slices.ContainsFunc(e.Routers, func(a Answer) bool { return a.Router.Reachable == metav1.ConditionFalse })
}

func addressesOf(node *corev1.Node) []string {
	words := []string{}
	for _, a := range nodeaddress.Of(node) {
		words = append(words, a.String())
	}
	return words
}

func (c Cluster) demands(n Node) []Demand {
	demands := []Demand{}
	for i := range c.Policies {
		p := &c.Policies[i]
		if !slices.Contains(n.Policies, p.Name) {
			continue
		}
		demands = append(demands, Demand{
			Policy: p.Name, Mode: p.Spec.Mode, Wants: wants(p, n.Routers), OnLoss: onLoss(p), Guarding: c.policy(p).Guarding,
		})
	}
	return demands
}

func wants(p *v1alpha1.PeeringPolicy, routers []string) string {
	needed, ok := verdict.Needed(p.Spec.MinEstablished, len(routers))
	lasting := carrying[p.Spec.Families]
	if after := p.Spec.ReleaseAfter.Duration; after > 0 {
		lasting += " that has lasted for " + after.String()
	}
	switch {
	case len(routers) == 0:
		return "a BGPRouter that takes this node, and an Established session with it"
	case !ok:
		return "nothing that can be read: minEstablished is " + p.Spec.MinEstablished.String()
	case len(routers) == 1:
		return "an Established session with router " + routers[0] + lasting
	default:
		return fmt.Sprintf("an Established session%s with %d of its %d routers", lasting, needed, len(routers))
	}
}

// carrying says what a session must carry for a policy.
var carrying = map[v1alpha1.Families]string{
	v1alpha1.FamiliesIPv4: " that carries IPv4",
	v1alpha1.FamiliesIPv6: " that carries IPv6",
	v1alpha1.FamiliesAll:  " that carries every address family of the node",
}

func onLoss(p *v1alpha1.PeeringPolicy) string {
	switch p.Spec.Mode {
	case v1alpha1.ModeReport:
		return "never taints"
	case v1alpha1.ModeBootstrap:
		return "leaves the node open once it was confirmed"
	default:
		return "taints the node again after " + grace(p).String() + " without"
	}
}

func grace(p *v1alpha1.PeeringPolicy) time.Duration {
	if p.Spec.LossGracePeriod == nil {
		return 0
	}
	return p.Spec.LossGracePeriod.Duration
}

func (c Cluster) answers(n Node, said nodestate.Said) []Answer {
	answers := []Answer{}
	for i := range c.Routers {
		r := &c.Routers[i]
		if slices.Contains(n.Routers, r.Name) {
			answers = append(answers, answerOf(n, said, c.router(r), r.CreationTimestamp.Time))
		}
	}
	return answers
}

func answerOf(n Node, said nodestate.Said, router Router, declared time.Time) Answer {
	a := Answer{Router: router, Says: []string{}}
	words, named := said.Of(router.Name)
	switch {
	case n.condition == nil || n.State == verdict.Exempt:
		return a
	case named:
		a.Says, a.Type, a.Note = words.Sentences, words.Lines, words.Note
	case len(n.Routers) > 1 && len(said.Routers) > 0 && declared.Before(n.condition.LastHeartbeatTime.Time):
		// A message about what is missing leaves out those of several routers that lack nothing.
		a.Says = []string{"Router " + router.Name + " has an Established session with this node."}
	default:
		return a
	}
	a.At = &n.condition.LastHeartbeatTime
	return a
}

func toldOf(events []eventsv1.Event) []NodeTold {
	told := []NodeTold{}
	for _, e := range events {
		told = append(told, NodeTold{At: metav1.NewTime(lastTold(e)), Reason: e.Reason, Note: firstLine(e.Note), Count: timesTold(e)})
	}
	return told
}

func lastTold(e eventsv1.Event) time.Time {
	switch {
	case e.Series != nil:
		return e.Series.LastObservedTime.Time
	case !e.EventTime.IsZero():
		return e.EventTime.Time
	default:
		return e.CreationTimestamp.Time
	}
}

func timesTold(e eventsv1.Event) int32 {
	if e.Series != nil {
		return e.Series.Count
	}
	return 1
}

func sortEvents(events []eventsv1.Event) {
	slices.SortStableFunc(events, func(a, b eventsv1.Event) int { return lastTold(a).Compare(lastTold(b)) })
}

// Healthy is true if the node needs no person.
func (e Explanation) Healthy() bool { return !e.NeedsPerson }
