package verdict

import "k8s.io/apimachinery/pkg/util/intstr"

// Unpeered is true if the node counts towards a policy's maxUnpeered: it was confirmed, and fresh answers say that it
// no longer has what the policy wants, whether it is tainted or not; or it is tainted, and no fresh answers say that it
// has. Without the latter, a router that falls silent after its nodes were lost would make room for as many more. A
// manager that has just started, and has not heard every router yet, counts the nodes whose condition is False: a guard
// that has tripped survives a restart.
func Unpeered(in Input, p Policy) bool {
	if !in.Node.Confirmed || in.Node.Exempt != "" {
		return false
	}
	var heard hearing
	heard.ask(in, p.families(in.Node))
	answers := heard.to(p, in.Node)
	switch judgeOne(in, answers, p).is {
	case unsatisfied:
		return true
	case satisfied:
		return false
	case undecided:
		if notAskedYet(answers) && !in.Node.UnpeeredSince.IsZero() {
			return true
		}
	}
	return in.Node.Tainted
}

// GuardTrips is true if more of a policy's nodes are unpeered than maxUnpeered, a number or a percentage that is
// rounded down. A value that is neither trips at the first node.
func GuardTrips(unpeered, nodes int, maxUnpeered intstr.IntOrString) bool {
	limit, err := intstr.GetScaledValueFromIntOrPercent(&maxUnpeered, nodes, false)
	if err != nil {
		limit = 0
	}
	return unpeered > limit
}
