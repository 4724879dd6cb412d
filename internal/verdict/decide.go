// Package verdict decides what becomes of a node: a pure function of what the API server holds, of what the routers
// said, and of the time.
package verdict

import (
	"net/netip"
	"time"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/api/v1alpha1"
)

// Node is what a decision needs to know of a Node object.
type Node struct {
	// CreatedAt is by the API server's clock, and is compared with a policy's only.
	CreatedAt time.Time
	// SeenAt is when this process first saw the Node object, by the clock of AskedAt. An answer asked for before it may
	// be about an earlier machine of the same name or address.
	SeenAt time.Time
	// Exempt is the value of annotation peergate.dev/exempt, or "".
	Exempt string
	// Addresses are those from which the node's sessions come.
	Addresses []netip.Addr
	// BadAddress is the value of annotation peergate.dev/bgp-address if it cannot be read, so that there is no address.
	BadAddress *string
	// Identifier is the BGP identifier that the node states, or the zero Addr.
	Identifier netip.Addr
	// Tainted is true if the node carries Peergate's taint.
	Tainted bool
	// Confirmed is true if the routers have confirmed this Node object before.
	Confirmed bool
	// TaintedAt is when the taint was added, zero if that is not known; it matters for a node that was confirmed.
	TaintedAt time.Time
	// ReopenedAt is when the node was last opened after it had been lost; zero if it never was.
	ReopenedAt time.Time
	// UnpeeredSince is since when the node's condition is False, whichever policy that was for; zero if it is not.
	UnpeeredSince time.Time
}

// Policy is what a decision needs to know of a PeeringPolicy that selects the node.
type Policy struct {
	Name           string
	CreatedAt      time.Time
	Mode           v1alpha1.Mode
	MinEstablished intstr.IntOrString
	Families       v1alpha1.Families
	LossGrace      time.Duration
	ReleaseAfter   time.Duration
	FlapDamping    time.Duration
	HoldExisting   bool
	// MetAt is when this process last could not say that the node lacks what the policy wants; zero if it always could.
	MetAt time.Time
	// Guarded is true if so many of the policy's nodes lack their sessions that none may be tainted for it.
	Guarded bool
}

// Input is all that a decision depends on.
type Input struct {
	Node Node
	// Policies are those that select the node.
	Policies []Policy
	// Routers holds the evidence of each router whose nodeSelector takes the node.
	Routers []Evidence
	// Now is by the clock of the evidence.
	Now time.Time
}

// State is what became of a node.
type State string

// The states of a node.
const (
	Peered     State = "peered"
	Held       State = "held"
	Lost       State = "lost"
	Reported   State = "reported"
	Exempt     State = "exempt"
	Undecided  State = "unknown"
	Unselected State = "unselected"
)

// TaintAction is what is to be done about the taint of a node.
type TaintAction int

// The taint is left as it is, whether there or not; or it must be there; or it must not.
const (
	LeaveTaint TaintAction = iota
	AddTaint
	RemoveTaint
)

// Decision is what becomes of a node.
type Decision struct {
	State State
	Taint TaintAction
	// Confirm is true if the annotation confirmed-at is to be written, with the removal of the taint.
	Confirm bool
	// Reopen is true if the annotation reopened-at is to be written, with the removal of the taint.
	Reopen bool
	// AwaitsAnswer is true if the next answer of a router decides, even one that is the same as the last: there are
	// enough sessions, but the router was asked for them before the node was known.
	AwaitsAnswer bool
	// Met are the names of the policies of which fresh answers do not say that the node lacks what they want.
	Met []string
	// Condition is what condition BGPPeered is to say.
	Condition Condition
	// Answers are what the routers said to all that the policies want, in the order of Input.Routers.
	Answers []Answer
	// RecheckAfter is when the decision may change without anything else changing; 0 is never.
	RecheckAfter time.Duration

	// heard is what they said to what each policy wants, and wanted the address families that any wants.
	heard  hearing
	wanted families
}

// Decide decides what becomes of a node.
func Decide(in Input) Decision {
	switch {
	case in.Node.Exempt != "":
		return Decision{State: Exempt, Taint: RemoveTaint, Condition: exemptCondition(in)}
	case len(in.Policies) == 0:
		return Decision{State: Unselected, Taint: RemoveTaint, Condition: Condition{Change: DropCondition}}
	}
	var d Decision
	d.heard, d.wanted = hear(in)
	d.Answers = d.heard[d.wanted]
	d.Met = d.met(in)
	d.decide(in)
	if d.Taint == AddTaint {
		// The condition is about the node as it is with what is written.
		in.Node.Tainted, in.Node.TaintedAt = true, in.Now.Truncate(time.Second)
	}
	d.Condition = condition(in, d)
	for _, a := range d.Answers {
		d.RecheckAfter = earliest(d.RecheckAfter, a.WarningEnds)
	}
	return d
}

func (d *Decision) decide(in Input) {
	all := judge(in, d.heard, in.Policies)
	d.AwaitsAnswer = all.is == settling && all.nextAnswer
	d.RecheckAfter = all.recheckAfter
	enforcing := enforcing(in.Policies)
	if len(enforcing) == 0 {
		d.Taint = RemoveTaint
		d.State = map[satisfaction]State{satisfied: Peered, settling: Peered, unsatisfied: Reported, undecided: Undecided}[all.is]
		d.Confirm = all.is == satisfied && !in.Node.Confirmed
		return
	}
	judged := judge(in, d.heard, enforcing)
	d.AwaitsAnswer = d.AwaitsAnswer || judged.is == settling && judged.nextAnswer
	switch {
	case judged.is == satisfied:
		d.release(in, all)
	case in.Node.Confirmed:
		d.keepConfirmed(in, judged, enforcing)
	default:
		d.holdUnconfirmed(in, judged, enforcing)
	}
}

// release opens the node to pods: every policy that may taint is satisfied, on answers that can be about this very node.
func (d *Decision) release(in Input, all judgement) {
	d.State, d.Taint, d.Confirm = Peered, RemoveTaint, !in.Node.Confirmed
	d.Reopen = in.Node.Confirmed && in.Node.Tainted
	if all.is == unsatisfied {
		d.State = Reported
	}
}

func (d *Decision) keepConfirmed(in Input, judged judgement, enforcing []Policy) {
	switch judged.is {
	case settling:
		d.State = Peered
		if in.Node.Tainted {
			d.State = Lost
		}
	case undecided:
		d.State = Undecided
		if in.Node.Tainted {
			d.State = Lost
		}
	default:
		d.State = Lost
		if !in.Node.Tainted {
			d.lose(in, enforcing)
		}
	}
}

// guardRecheck is how soon a node that a guard left open is looked at again: what ends the guard are other nodes.
const guardRecheck = 30 * time.Second

// lose taints a confirmed node again once it has been without its sessions for the grace period of a policy.
func (d *Decision) lose(in Input, enforcing []Policy) {
	for _, p := range enforcing {
		if p.Mode != v1alpha1.ModeContinuous || judge(in, d.heard, []Policy{p}).is != unsatisfied {
			continue
		}
		if p.Guarded {
			d.RecheckAfter = earliest(d.RecheckAfter, guardRecheck)
			continue
		}
		// The condition's time is rounded up, into the second to come: where there is no grace, that is none either.
		if left := p.LossGrace - in.Now.Sub(lackingSince(in, p)); left > 0 && p.LossGrace > 0 {
			d.RecheckAfter = earliest(d.RecheckAfter, left)
			continue
		}
		d.Taint = AddTaint
	}
}

// lackingSince is since when the node is known to lack what a policy wants. The condition keeps, through restarts, since
// when any policy has wanted something, but not which: where there are several, each one's own time is known only as far
// back as this process has seen the node.
func lackingSince(in Input, p Policy) time.Time {
	since := in.Node.UnpeeredSince
	if since.IsZero() {
		return in.Now
	}
	if len(in.Policies) > 1 {
		since = latest(since, in.Node.SeenAt)
	}
	return latest(since, p.MetAt)
}

// met leaves out a policy if a router has not been asked yet: nothing was heard, and nothing has changed.
func (d *Decision) met(in Input) []string {
	if notAskedYet(d.Answers) {
		return nil
	}
	var names []string
	for _, p := range in.Policies {
		if judge(in, d.heard, []Policy{p}).is != unsatisfied {
			names = append(names, p.Name)
		}
	}
	return names
}

func (d *Decision) holdUnconfirmed(in Input, judged judgement, enforcing []Policy) {
	if in.Node.Tainted || mayHold(in.Node, enforcing) {
		d.State, d.Taint = Held, AddTaint
		return
	}
	switch judged.is {
	case unsatisfied:
		d.State = Reported
	case settling:
		d.State = Peered
	default:
		d.State = Undecided
	}
}

// mayHold is true if a node that was never confirmed and carries no taint is to be given one. The API keeps whole
// seconds: a node of the same second as the policy counts as newer, because an open node is worse than a held one.
func mayHold(n Node, enforcing []Policy) bool {
	for _, p := range enforcing {
		if p.HoldExisting || !n.CreatedAt.Before(p.CreatedAt) {
			return true
		}
	}
	return false
}

func enforcing(policies []Policy) []Policy {
	out := make([]Policy, 0, len(policies))
	for _, p := range policies {
		if p.Mode != v1alpha1.ModeReport {
			out = append(out, p)
		}
	}
	return out
}

// earliest is the shorter of two delays, of which 0 and less mean never.
func earliest(a, b time.Duration) time.Duration {
	switch {
	case a <= 0:
		return max(b, 0)
	case b <= 0:
		return a
	default:
		return min(a, b)
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
