package verdict

import (
	"time"

	"k8s.io/apimachinery/pkg/util/intstr"
)

// satisfaction is how far the answers go towards what policies want.
type satisfaction int

const (
	// undecided: routers that gave no fresh answer could make the difference.
	undecided satisfaction = iota
	// unsatisfied: too few sessions, whatever the silent routers would say.
	unsatisfied
	// settling: enough sessions, but not all of them old enough, or seen since the node is known.
	settling
	satisfied
)

type judgement struct {
	is satisfaction
	// recheckAfter is when a settling judgement may become satisfied by time alone; 0 is never.
	recheckAfter time.Duration
	// nextAnswer is true if a settling judgement may become satisfied by the next answer of a router, even one that is
	// the same as the last.
	nextAnswer bool
}

// judge is the judgement of all the policies together: the worst of any, where unsatisfied is worse than undecided.
func judge(in Input, heard hearing, policies []Policy) judgement {
	worst := judgement{is: satisfied}
	for _, p := range policies {
		j := judgeOne(in, heard.to(p, in.Node), p)
		worst.recheckAfter = earliest(worst.recheckAfter, j.recheckAfter)
		worst.nextAnswer = worst.nextAnswer || j.nextAnswer
		if rank[j.is] < rank[worst.is] {
			worst.is = j.is
		}
	}
	return worst
}

var rank = map[satisfaction]int{unsatisfied: 0, undecided: 1, settling: 2, satisfied: 3}

// judgeOne is the judgement of one policy on what the routers said to what it wants.
func judgeOne(in Input, answers []Answer, p Policy) judgement {
	needed, ok := Needed(p.MinEstablished, len(answers))
	if !ok {
		return judgement{is: undecided}
	}
	var j judgement
	var up, ripe, silent int
	for _, a := range answers {
		switch a.Outcome {
		case Unknown:
			silent++
		case Established:
			up++
			if wait := unripe(in, a, p); wait == 0 {
				ripe++
			} else {
				j.recheckAfter = earliest(j.recheckAfter, wait)
				j.nextAnswer = j.nextAnswer || wait == untilNextAnswer
			}
		}
	}
	switch {
	case ripe >= needed:
		return judgement{is: satisfied}
	case up >= needed:
		j.is = settling
	case up+silent >= needed:
		j.is = undecided
	default:
		j.is = unsatisfied
	}
	return j
}

// untilNextAnswer stands for a wait that the next answer of the router ends, not time.
const untilNextAnswer = time.Duration(-1)

// unripe is how long an Established answer has to wait before it may release a node: 0 if it may, untilNextAnswer if
// it was asked for before the node was known.
func unripe(in Input, a Answer, p Policy) time.Duration {
	if !a.AskedAt.After(in.Node.SeenAt) {
		return untilNextAnswer
	}
	settled := p.settledAfter(in.Node)
	if settled == 0 {
		return 0
	}
	return max(0, settled-in.Now.Sub(a.EstablishedSince))
}

// Needed is how many of a number of routers must have a session, for a policy's minEstablished: at least 1, at most
// all. It is not ok if there is no router, or the value is neither a number nor a percentage.
func Needed(minEstablished intstr.IntOrString, routers int) (needed int, ok bool) {
	if routers == 0 {
		return 0, false
	}
	scaled, err := intstr.GetScaledValueFromIntOrPercent(&minEstablished, routers, true)
	if err != nil {
		return 0, false
	}
	return min(max(scaled, 1), routers), true
}
