package verdict

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/routerclient"
)

// message is written for the person who is paged: what it means for the node, what each router said, what to type.
// Nothing in it may change from poll to poll, or a steady cluster would cost a write each.
func message(in Input, d Decision, c Condition) string {
	var b strings.Builder
	if head := headline(in, d, c); head != "" {
		b.WriteString(head)
		b.WriteString("\n")
	}
	for _, a := range d.Answers {
		if c.Status != corev1.ConditionTrue && a.Outcome == Established && len(d.Answers) > 1 {
			continue
		}
		fmt.Fprintf(&b, "Router %s %s.\n", a.Router, a.Message)
		for _, warning := range a.Warnings {
			fmt.Fprintf(&b, "Router %s %s.\n", a.Router, warning)
		}
		writeRemedy(&b, a.Router, a.Remedy)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func writeRemedy(b *strings.Builder, router string, r routerclient.Remedy) {
	if len(r.Lines) == 0 {
		return
	}
	fmt.Fprintf(b, "Type on %s:\n", router)
	for _, line := range r.Lines {
		b.WriteString("  " + line + "\n")
	}
	if r.Note != "" {
		b.WriteString(r.Note + "\n")
	}
}

func headline(in Input, d Decision, c Condition) string {
	switch d.State {
	case Held:
		return "Held: the taint keeps pods away until " + wants(in, d) + "."
	case Lost:
		return lostHeadline(in, d)
	case Reported:
		return "Reported only: pods may be scheduled here although traffic may not reach them. " + whyUntainted(in) + ", and " + lacks(d) + "."
	case Undecided:
		if c.Reason == ReasonNoRouter {
			return "Left as it is: no BGPRouter has a nodeSelector that takes this node, so nothing can be known of it."
		}
		return "Left as it is: there is no fresh answer to say whether " + wants(in, d) + "."
	default:
		return ""
	}
}

func lostHeadline(in Input, d Decision) string {
	if p, flaps := flapping(in); flaps {
		return fmt.Sprintf("Lost again within %s of being opened: the taint keeps new pods away until %s.", p.flapWindow(), wants(in, d))
	}
	if d.leavesTainted(in.Node) {
		return "Lost: the taint keeps new pods away until " + wants(in, d) + "."
	}
	for _, p := range enforcing(in.Policies) {
		switch {
		case p.Mode == v1alpha1.ModeBootstrap || judge(in, d.heard, []Policy{p}).is != unsatisfied:
		case p.Guarded:
			return "Lost, and left open: more nodes of policy " + p.Name + " than its maxUnpeered have lost their sessions, so the router or the way to it is suspected."
		default:
			return fmt.Sprintf("Lost: the node is tainted %s after %s, unless %s.", p.LossGrace, graceBegins(in, p), wants(in, d))
		}
	}
	return "Lost, and left open, as mode Bootstrap says."
}

// graceBegins says what lackingSince is.
func graceBegins(in Input, p Policy) string {
	if len(in.Policies) > 1 {
		return "policy " + p.Name + " was last satisfied"
	}
	return "this condition became False"
}

// whyUntainted says why a node that lacks its sessions carries no taint.
func whyUntainted(in Input) string {
	for _, p := range enforcing(in.Policies) {
		return "The node is older than policy " + p.Name + " and was never confirmed"
	}
	return "The policy's mode is Report"
}

// wants says what the policies that are not satisfied want.
func wants(in Input, d Decision) string {
	var clauses []string
	for _, p := range in.Policies {
		if judge(in, d.heard, []Policy{p}).is != satisfied {
			clauses = append(clauses, want(p, in.Node, d.Answers))
		}
	}
	return strings.Join(clauses, ", and ")
}

func want(p Policy, n Node, answers []Answer) string {
	needed, ok := Needed(p.MinEstablished, len(answers))
	session := sessionFor(p.families(n))
	if settled := p.settledAfter(n); settled != 0 {
		session += " for " + settled.String()
	}
	switch {
	case len(answers) == 0:
		return "a BGPRouter takes this node and has an Established session with it"
	case !ok:
		return "minEstablished of policy " + p.Name + " is a number or a percentage"
	case len(answers) == 1:
		return "router " + answers[0].Router + " has " + session
	default:
		return fmt.Sprintf("%d of its %d routers have %s (policy %s)", needed, len(answers), session, p.Name)
	}
}

// sessionFor is what a router must have for it to carry address families.
func sessionFor(wanted families) string {
	const session = "an Established session with this node"
	if wanted == anyFamily {
		return session
	}
	carrying := session + " that carries " + wanted.in("and")
	if wanted == bothFamilies {
		carrying += ", or one for each"
	}
	return carrying
}

// lacks says what a node that is only reported does not have.
func lacks(d Decision) string {
	if len(d.Answers) == 1 {
		return "router " + d.Answers[0].Router + " has no " + strings.TrimPrefix(sessionFor(d.wanted), "an ")
	}
	up := 0
	for _, a := range d.Answers {
		if a.Outcome == Established {
			up++
		}
	}
	return fmt.Sprintf("%d of its %d routers have %s", up, len(d.Answers), sessionFor(d.wanted))
}

// whyNoAddress quotes what a person has mistyped.
func (n Node) whyNoAddress() string {
	if n.BadAddress == nil {
		return "it has no InternalIP"
	}
	return "annotation " + v1alpha1.AnnotationBGPAddress + " is " + quoted(*n.BadAddress) + ", which is not a list of IP addresses"
}

// maxQuoted is how many bytes of what others have written are repeated.
const maxQuoted = 100

// quoted is what others have written, on one line and bounded.
func quoted(s string) string {
	if len(s) > maxQuoted {
		return strconv.QuoteToASCII(s[:maxQuoted]) + " …"
	}
	return strconv.QuoteToASCII(s)
}

// downWord collapses the states between which a session that does not come up cycles every few seconds: a message that
// followed them would be a write each.
func downWord(s routerclient.State) string {
	switch s {
	case routerclient.Idle, routerclient.Connect, routerclient.Active:
		return "down: Idle, Connect or Active"
	case routerclient.OpenSent, routerclient.OpenConfirm:
		return "down: OpenSent or OpenConfirm"
	default:
		return "down"
	}
}

func peerName(s Session) string {
	name := s.Interface
	if s.Peer.IsValid() {
		name = s.Peer.String()
	}
	if s.VRF != "" && s.VRF != routerclient.DefaultVRF {
		name += " in VRF " + s.VRF
	}
	return name
}

func joinAddrs(addrs []netip.Addr) string {
	words := make([]string, 0, len(addrs))
	for _, a := range addrs {
		words = append(words, a.String())
	}
	return strings.Join(words, " or ")
}
