package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/internal/nodestate"
	"github.com/peergate/peergate/internal/verdict"
)

// Urgent is something that needs a person.
type Urgent struct {
	// Kind is Lease, PeeringPolicy, BGPRouter or Node.
	Kind   string       `json:"kind"`
	Name   string       `json:"name"`
	Since  *metav1.Time `json:"since,omitempty"`
	Reason string       `json:"reason"`
	// Message is one sentence.
	Message string `json:"message"`
	// Command is what to type next.
	Command string `json:"command"`
}

// patience is how long a session may take to come up, or be away, before a person has to look: speakers start, and
// routers restart.
const patience = 5 * time.Minute

// urgent is what needs a person, and first what does most harm, or is the cause of what follows.
func (c Cluster) urgent(s *Status, now time.Time) []Urgent {
	urgent := []Urgent{}
	if s.Leader.Alive != nil && !*s.Leader.Alive && len(c.Policies) > 0 {
		urgent = append(urgent, c.noLeader(s.Leader))
	}
	for _, p := range s.Policies {
		if p.Guarding {
			urgent = append(urgent, Urgent{
				Kind: "PeeringPolicy", Name: p.Name, Reason: "DisruptionGuard", Message: p.GuardMessage,
				Command: "kubectl peergate routers -o wide",
			})
		}
	}
	for _, r := range s.Routers {
		if u, ok := r.urgent(); ok {
			urgent = append(urgent, u)
		}
	}
	for _, n := range byHarm(s.NodeList) {
		if u, ok := n.urgent(now); ok {
			urgent = append(urgent, u)
		}
	}
	return urgent
}

func (c Cluster) noLeader(l Leader) Urgent {
	u := Urgent{
		Kind: "Lease", Name: LeaseName, Reason: "NoLeader",
		Message: "No manager leads: nothing below is kept up to date, and no node is tainted or released.",
		Command: "kubectl -n " + c.Namespace + " get pods",
	}
	if !l.renewed.IsZero() {
		u.Since = &metav1.Time{Time: l.renewed}
	}
	return u
}

func (r Router) urgent() (Urgent, bool) {
	if r.Reachable == metav1.ConditionTrue {
		return Urgent{}, false
	}
	u := Urgent{
		Kind: "BGPRouter", Name: r.Name, Since: r.Since, Reason: r.Reason, Message: firstLine(r.Message),
		Command: "kubectl describe bgprouter " + r.Name,
	}
	if u.Message == "" {
		u.Message = "The router has not been asked yet."
	}
	return u, true
}

// harm orders states: an open node without its sessions takes pods that no traffic reaches, a closed one only lacks
// them.
var harm = []verdict.State{verdict.Lost, verdict.Reported, verdict.Undecided, verdict.Held, verdict.Unselected}

func byHarm(nodes []Node) []Node {
	sorted := slices.Clone(nodes)
	slices.SortStableFunc(sorted, func(a, b Node) int {
		return cmp.Or(
			cmp.Compare(slices.Index(harm, a.State), slices.Index(harm, b.State)),
			cmp.Compare(sinceUnix(a), sinceUnix(b)),
			strings.Compare(a.Name, b.Name),
		)
	})
	return sorted
}

func sinceUnix(n Node) int64 {
	if n.Since == nil {
		return 0
	}
	return n.Since.Unix()
}

// urgent is not about a node that nothing but a silent router leaves in doubt: the router is what needs a person.
func (n Node) urgent(now time.Time) (Urgent, bool) {
	if !n.needsPerson(now) {
		return Urgent{}, false
	}
	u := Urgent{
		Kind: "Node", Name: n.Name, Since: n.Since, Reason: n.Reason, Message: n.gist(),
		Command: "kubectl peergate explain " + n.Name,
	}
	if n.State == verdict.Unselected {
		u.Reason, u.Message = string(verdict.ReasonNotSelected), "The node carries the taint, and no policy selects it."
		u.Command = "kubectl peergate doctor"
	}
	return u, true
}

func (n Node) needsPerson(now time.Time) bool {
	switch n.State {
	case verdict.Peered, verdict.Exempt:
		return false
	case verdict.Unselected:
		return n.Tainted
	}
	switch verdict.Reason(n.Reason) {
	case verdict.ReasonNeighborNotConfigured, verdict.ReasonAdministrativelyDown, verdict.ReasonNoAddress,
		verdict.ReasonNoRouter, verdict.ReasonInvalidPolicy, verdict.ReasonFamilyNotNegotiated, verdict.ReasonFamilyUnknown,
		verdict.ReasonFlapping:
		return true
	case verdict.ReasonSessionDown, verdict.ReasonNotConnected, "":
		return n.Since != nil && n.age(now) > patience
	default:
		return false
	}
}

// gist is the sentence of a message that names the router, or else its headline.
func (n Node) gist() string {
	said := nodestate.Parse(n.Message)
	for _, r := range said.Routers {
		if len(said.Routers) == 1 || len(r.Lines) > 0 {
			return r.Sentences[0]
		}
	}
	if len(said.Routers) > 0 {
		return said.Routers[0].Sentences[0]
	}
	if said.Headline == "" {
		return "The manager has not judged this node yet."
	}
	return firstLine(said.Headline)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
