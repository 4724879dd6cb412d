package verdict

import (
	corev1 "k8s.io/api/core/v1"
)

// ConditionChange is what is to be done about condition BGPPeered.
type ConditionChange int

// The condition is left as it is, or set, or removed.
const (
	LeaveCondition ConditionChange = iota
	SetCondition
	DropCondition
)

// Condition is what condition BGPPeered of a node is to say.
type Condition struct {
	Change  ConditionChange
	Status  corev1.ConditionStatus
	Reason  Reason
	Message string
}

// exemptCondition says nothing where there is nothing to be exempt from: after the last policy, no condition stays.
func exemptCondition(in Input) Condition {
	c := Condition{Change: DropCondition, Reason: ReasonExempt}
	if len(in.Policies) > 0 {
		c.Change, c.Status = SetCondition, corev1.ConditionTrue
		c.Message = "Exempt, so no router is asked about this node: " + in.Node.Exempt
	}
	return c
}

func condition(in Input, d Decision) Condition {
	judged := judge(in, d.heard, in.Policies)
	c := Condition{Change: SetCondition, Reason: leadingReason(d.Answers)}
	switch judged.is {
	case satisfied:
		c.Status, c.Reason = corev1.ConditionTrue, ReasonSessionEstablished
	case unsatisfied:
		c.Status = corev1.ConditionFalse
	case undecided:
		c.Status = corev1.ConditionUnknown
		// A manager that has just started knows too little: what the condition says is better than that, and the time of
		// its last transition is what the grace period is counted from.
		if notAskedYet(d.Answers) {
			return Condition{Change: LeaveCondition}
		}
	case settling:
		// The next answer is at most a poll away, and what it says is worth more than a write now.
		if judged.recheckAfter == 0 {
			return Condition{Change: LeaveCondition}
		}
		c.Status, c.Reason = corev1.ConditionFalse, ReasonSettling
		if (in.Node.Confirmed || d.Confirm) && !d.leavesTainted(in.Node) {
			c.Status, c.Reason = corev1.ConditionTrue, ReasonSessionEstablished
		}
	}
	if _, flaps := flapping(in); flaps && comesAndGoes[c.Reason] {
		c.Reason = ReasonFlapping
	}
	c.Message = message(in, d, c)
	return c
}

// comesAndGoes are the reasons between which a session that flaps would have a condition change each time.
var comesAndGoes = map[Reason]bool{ReasonSettling: true, ReasonSessionDown: true, ReasonNotConnected: true}

// leavesTainted is true if the node carries the taint once the decision is written.
func (d Decision) leavesTainted(n Node) bool {
	return d.Taint == AddTaint || (d.Taint == LeaveTaint && n.Tainted)
}

// precedence orders the reasons by how much a person can do about them.
var precedence = []Reason{
	ReasonNeighborNotConfigured, ReasonAdministrativelyDown, ReasonSessionDown, ReasonFamilyNotNegotiated,
	ReasonNotConnected, ReasonNoAddress, ReasonFamilyUnknown,
}

// leadingReason is the reason that stands for all the answers that are not Established.
func leadingReason(answers []Answer) Reason {
	if len(answers) == 0 {
		return ReasonNoRouter
	}
	for _, reason := range precedence {
		for _, a := range answers {
			if a.Reason == reason {
				return reason
			}
		}
	}
	for _, a := range answers {
		if a.Outcome == Unknown {
			return a.Reason
		}
	}
	// All are Established: where that is not enough, no number of sessions is.
	return ReasonInvalidPolicy
}
