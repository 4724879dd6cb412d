package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/fix"
	"github.com/peergate/peergate/internal/verdict"
)

// next says what happens next, and when, and what a person can do about it.
func (c Cluster) next(e Explanation, now time.Time) []string {
	lines := c.nextOf(e, now)
	if leader := c.leader(now); leader.Alive != nil && !*leader.Alive {
		return append([]string{"No manager leads, so that nothing happens until one does: kubectl peergate doctor manager"}, lines...)
	}
	return lines
}

func (c Cluster) nextOf(e Explanation, now time.Time) []string {
	switch e.Node.State {
	case verdict.Exempt:
		return []string{"Nothing, until the exemption is taken back: kubectl peergate exempt " + e.Node.Name + " --undo"}
	case verdict.Unselected:
		return unselectedNext(e.Node)
	case verdict.Peered:
		return c.peeredNext(e.Node)
	case verdict.Reported:
		return append(c.remedies(e), reportedNext(e))
	case verdict.Lost:
		if !e.Node.Tainted {
			return append(c.remedies(e), c.lossNext(e.Node, now)...)
		}
	case verdict.Undecided:
		return append(c.remedies(e), "Until a router gives an answer that decides, the taint is left as it is.")
	}
	return append(c.remedies(e), c.releaseNext(e.Node, now)...)
}

func unselectedNext(n Node) []string {
	if n.Tainted {
		return []string{"The manager takes the taint away. If it does not, no manager runs: kubectl peergate doctor"}
	}
	return []string{"Nothing: no PeeringPolicy selects this node."}
}

func (c Cluster) peeredNext(n Node) []string {
	var lines []string
	for _, p := range c.policiesOf(n) {
		switch p.Spec.Mode {
		case v1alpha1.ModeContinuous:
			lines = append(lines, fmt.Sprintf("If the node is without what policy %s wants for %s, it is tainted again: its pods stay, new ones go elsewhere.", p.Name, grace(p)))
		case v1alpha1.ModeBootstrap:
			lines = append(lines, fmt.Sprintf("Policy %s leaves the node open from now on, whatever becomes of its sessions.", p.Name))
		case v1alpha1.ModeReport:
			lines = append(lines, fmt.Sprintf("Policy %s never taints the node.", p.Name))
		}
	}
	return lines
}

func reportedNext(e Explanation) string {
	if slices.ContainsFunc(e.Policies, func(d Demand) bool { return d.Mode != v1alpha1.ModeReport }) {
		return "The node stays open. Once the routers have confirmed it, it is treated as any other."
	}
	return "The node stays open: no policy that selects it may taint."
}

// lossNext is about a node that was confirmed, has lost its sessions and is open.
func (c Cluster) lossNext(n Node, now time.Time) []string {
	var deadlines []string
	policies := c.policiesOf(n)
	for _, p := range policies {
		switch {
		case p.Spec.Mode != v1alpha1.ModeContinuous || n.condition == nil:
		case c.policy(p).Guarding:
			deadlines = append(deadlines, fmt.Sprintf("Policy %s does not taint the node while its disruption guard has tripped. The guard resets by itself when enough sessions are back.", p.Name))
		default:
			deadlines = append(deadlines, taintedAt(p, n, len(policies) > 1, now))
		}
	}
	if len(deadlines) == 0 {
		return []string{"The node stays open: no policy that selects it taints a node that was confirmed."}
	}
	return deadlines
}

// taintedAt says when the grace period of a policy ends. Where several policies select a node, what each of them lacks
// since when is in the manager's memory alone.
func taintedAt(p *v1alpha1.PeeringPolicy, n Node, several bool, now time.Time) string {
	at := n.condition.LastTransitionTime.Add(grace(p) + time.Second) // the API cuts fractions of a second off
	left := at.Sub(now).Round(time.Second)
	earliest := ""
	if several {
		earliest = "at the earliest "
	}
	if left <= 0 {
		return fmt.Sprintf("Policy %s taints the node with the next answer of its routers, unless the sessions are back.", p.Name)
	}
	return fmt.Sprintf("Policy %s taints the node %sat %s, in %s, unless the sessions are back before: its pods stay, new ones go elsewhere.",
		p.Name, earliest, View{Now: now}.clock(at), left)
}

// releaseNext is about a node that carries the taint.
func (c Cluster) releaseNext(n Node, now time.Time) []string {
	if len(n.Routers) == 0 {
		return nil
	}
	var asked []string
	for i := range c.Routers {
		if r := &c.Routers[i]; slices.Contains(n.Routers, r.Name) {
			asked = append(asked, fmt.Sprintf("%s every %s", r.Name, pollInterval(r.Spec.Poll, n.age(now))))
		}
	}
	what := "The taint goes with the first answer that shows what the policies want."
	switch verdict.Reason(n.Reason) {
	case verdict.ReasonSettling:
		what = "The session is up. The taint goes once it has lasted long enough."
	case verdict.ReasonFlapping:
		what = "The session has come and gone too often. The taint goes once it has lasted for the policy's flapDamping."
	}
	return []string{what + " Asked now: " + strings.Join(asked, ", ") + "."}
}

// pollInterval is how often a router is asked for which a node has waited that long: a tenth of the wait, between the two
// intervals of its spec.
func pollInterval(poll v1alpha1.PollSpec, waited time.Duration) time.Duration {
	return min(max(waited/10, poll.FastInterval.Duration), poll.Interval.Duration).Round(100 * time.Millisecond)
}

// remedies say what a person can do about what is missing.
func (c Cluster) remedies(e Explanation) []string {
	var lines []string
	for _, a := range e.Routers {
		if a.Router.Reachable == metav1.ConditionFalse {
			lines = append(lines, fmt.Sprintf("Router %s gives no answer (%s): kubectl describe bgprouter %s", a.Router.Name, a.Router.Reason, a.Router.Name))
		}
		if len(a.Type) > 0 {
			lines = append(lines, typing(a.Router, e.Node.Name))
		}
	}
	return append(lines, c.reasonRemedies(e.Node)...)
}

// typing says who types the lines that were shown: nothing is typed for a person into a router whose configuration is a
// file, or belongs to another program.
func typing(router Router, node string) string {
	by := "Type the lines above on router " + router.Name
	if !fix.Types(router.Platform) {
		return by + "."
	}
	return fmt.Sprintf("%s, or have them typed: kubectl peergate fix %s --router %s --apply", by, node, router.Name)
}

func (c Cluster) reasonRemedies(n Node) []string {
	switch verdict.Reason(n.Reason) {
	case verdict.ReasonSessionDown, verdict.ReasonNotConnected:
		return []string{
			"Is a BGP speaker running on the node? kubectl get pods -A -o wide --field-selector spec.nodeName=" + n.Name,
			"A DaemonSet that does not tolerate the taint has no pod there; kubectl peergate doctor names those.",
		}
	case verdict.ReasonFlapping:
		return []string{"Look for what the session breaks on: the router's log, the speaker's, and the link between them."}
	case verdict.ReasonFamilyNotNegotiated:
		return []string{"Activate the address family for this neighbor on both sides: in the router's configuration, and in the speaker's."}
	case verdict.ReasonFamilyUnknown:
		return []string{"The router does not say which families its sessions carry: set families of the policy to Any, or take the router out of it."}
	case verdict.ReasonAdministrativelyDown:
		return []string{"Somebody shut the neighbor down on the router: ask them."}
	case verdict.ReasonNoRouter:
		return []string{"Create a BGPRouter whose nodeSelector takes this node, or change the selector of one: kubectl get bgprouters"}
	case verdict.ReasonNoAddress:
		return []string{"Say where the node's sessions come from: kubectl annotate node " + n.Name + " --overwrite " + v1alpha1.AnnotationBGPAddress + "=ADDRESS"}
	case verdict.ReasonInvalidPolicy:
		return []string{"Correct minEstablished of the policy: it must be a number or a percentage."}
	default:
		return nil
	}
}

func (c Cluster) policiesOf(n Node) []*v1alpha1.PeeringPolicy {
	var selected []*v1alpha1.PeeringPolicy
	for i := range c.Policies {
		if slices.Contains(n.Policies, c.Policies[i].Name) {
			selected = append(selected, &c.Policies[i])
		}
	}
	return selected
}
