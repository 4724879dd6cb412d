package verdict_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

var (
	now  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	addr = netip.MustParseAddr("192.168.3.33")
)

// ago is a time before now.
func ago(d time.Duration) time.Time { return now.Add(-d) }

// newNode was created and seen a minute ago, after policy(), and carries the taint.
func newNode(change ...func(*verdict.Node)) verdict.Node {
	n := verdict.Node{
		CreatedAt: ago(time.Minute), SeenAt: ago(time.Minute), Addresses: []netip.Addr{addr}, Tainted: true,
	}
	for _, f := range change {
		f(&n)
	}
	return n
}

func untainted(n *verdict.Node) { n.Tainted = false }
func tainted(n *verdict.Node)   { n.Tainted = true }
func confirmed(n *verdict.Node) { n.Tainted, n.Confirmed = false, true }
func old(n *verdict.Node)       { n.CreatedAt = ago(59 * 24 * time.Hour) }
func unpeeredFor(d time.Duration) func(*verdict.Node) {
	return func(n *verdict.Node) { n.UnpeeredSince = ago(d) }
}

func policy(change ...func(*verdict.Policy)) verdict.Policy {
	p := verdict.Policy{
		Name: "default", CreatedAt: ago(time.Hour), Mode: v1alpha1.ModeContinuous,
		MinEstablished: intstr.FromString("100%"), LossGrace: 150 * time.Second,
	}
	for _, f := range change {
		f(&p)
	}
	return p
}

func bootstrap(p *verdict.Policy)    { p.Mode = v1alpha1.ModeBootstrap }
func report(p *verdict.Policy)       { p.Mode = v1alpha1.ModeReport }
func holdExisting(p *verdict.Policy) { p.HoldExisting = true }
func guarded(p *verdict.Policy)      { p.Guarded = true }
func graceless(p *verdict.Policy)    { p.LossGrace = 0 }
func needs(v intstr.IntOrString) func(*verdict.Policy) {
	return func(p *verdict.Policy) { p.MinEstablished = v }
}
func metAgo(d time.Duration) func(*verdict.Policy) {
	return func(p *verdict.Policy) { p.MetAt = ago(d) }
}
func wants(f v1alpha1.Families) func(*verdict.Policy) {
	return func(p *verdict.Policy) { p.Families = f }
}
func damped(p *verdict.Policy) { p.FlapDamping = 30 * time.Minute }
func releaseAfter(d time.Duration) func(*verdict.Policy) {
	return func(p *verdict.Policy) { p.ReleaseAfter = d }
}

// relost carries the taint since an hour, after it had been open for a time.
func relost(open time.Duration) func(*verdict.Node) {
	const since = time.Hour
	return func(n *verdict.Node) {
		confirmed(n)
		old(n)
		n.Tainted, n.TaintedAt, n.ReopenedAt, n.UnpeeredSince = true, ago(since), ago(since+open), ago(since+time.Minute)
	}
}

// asked is the evidence of a router that was asked some time ago.
func asked(router string, d time.Duration, sessions ...verdict.Session) verdict.Evidence {
	return verdict.Evidence{Router: router, AskedAt: ago(d), StaleAfter: 90 * time.Second, Sessions: sessions}
}

// up is the evidence of a session that has come up since the node was created.
func up(router string) verdict.Evidence {
	return asked(router, time.Second, established(45*time.Second))
}
func lack(router string) verdict.Evidence { return asked(router, time.Second) }
func silent(router string) verdict.Evidence {
	return verdict.Evidence{Router: router, Failure: &verdict.Failure{
		Reason: routerclient.ReasonUnreachable, Message: "connecting: connection refused",
	}}
}

func established(since time.Duration) verdict.Session {
	return verdict.Session{
		Session:          routerclient.Session{VRF: "default", Peer: addr, State: routerclient.Established, Uptime: since},
		EstablishedSince: ago(since),
	}
}

// carrying is a session that has agreed on address families.
func carrying(s verdict.Session, afis ...routerclient.AFI) verdict.Session {
	s.FamiliesNegotiated = true
	return listing(s, afis...)
}

// listing is a session that the router is configured to have for address families.
func listing(s verdict.Session, afis ...routerclient.AFI) verdict.Session {
	for _, afi := range afis {
		s.Families = append(s.Families, routerclient.Family{AFI: afi})
	}
	return s
}

func down(change ...func(*verdict.Session)) verdict.Session {
	s := verdict.Session{Session: routerclient.Session{VRF: "default", Peer: addr, State: routerclient.Active}}
	for _, f := range change {
		f(&s)
	}
	return s
}

func TestDecide(t *testing.T) {
	type want struct {
		State   verdict.State
		Taint   verdict.TaintAction
		Confirm bool
		Reopen  bool
		Status  corev1.ConditionStatus
		Reason  verdict.Reason
		Recheck time.Duration
	}
	left := func(s verdict.State, status corev1.ConditionStatus, reason verdict.Reason) want {
		return want{State: s, Status: status, Reason: reason}
	}
	held := func(status corev1.ConditionStatus, reason verdict.Reason) want {
		return want{State: verdict.Held, Taint: verdict.AddTaint, Status: status, Reason: reason}
	}
	released := want{
		State: verdict.Peered, Taint: verdict.RemoveTaint, Confirm: true,
		Status: corev1.ConditionTrue, Reason: verdict.ReasonSessionEstablished,
	}
	peered := released
	peered.Confirm = false

	const (
		yes     = corev1.ConditionTrue
		no      = corev1.ConditionFalse
		unknown = corev1.ConditionUnknown
	)
	reopened := peered
	reopened.Reopen = true
	one := []verdict.Policy{policy()}
	flapping := []verdict.Policy{policy(damped)}
	onlyIPv6 := []verdict.Policy{policy(wants(v1alpha1.FamiliesIPv6))}
	v4 := asked("edge", 0, carrying(established(time.Minute), routerclient.IPv4))
	v6 := asked("edge", 0, carrying(established(time.Minute), routerclient.IPv6))
	untold := asked("edge", 0, established(time.Minute))
	tests := map[string]struct {
		node     verdict.Node
		policies []verdict.Policy
		routers  []verdict.Evidence
		want     want
	}{
		"exempt, whatever the router says": {
			newNode(func(n *verdict.Node) { n.Exempt = "no BGP in this rack" }), one, []verdict.Evidence{lack("edge")},
			want{State: verdict.Exempt, Taint: verdict.RemoveTaint, Status: yes, Reason: verdict.ReasonExempt},
		},
		"exempt from nothing": {
			newNode(func(n *verdict.Node) { n.Exempt = "no BGP in this rack" }), nil, []verdict.Evidence{lack("edge")},
			want{State: verdict.Exempt, Taint: verdict.RemoveTaint, Reason: verdict.ReasonExempt},
		},
		"selected by no policy": {
			newNode(), nil, []verdict.Evidence{lack("edge")},
			want{State: verdict.Unselected, Taint: verdict.RemoveTaint},
		},

		"new, established":          {newNode(), one, []verdict.Evidence{up("edge")}, released},
		"new, not configured":       {newNode(), one, []verdict.Evidence{lack("edge")}, held(no, verdict.ReasonNeighborNotConfigured)},
		"new, taint lost in a race": {newNode(untainted), one, []verdict.Evidence{lack("edge")}, held(no, verdict.ReasonNeighborNotConfigured)},
		"new, session down":         {newNode(), one, []verdict.Evidence{asked("edge", 0, down())}, held(no, verdict.ReasonSessionDown)},
		"new, router silent":        {newNode(), one, []verdict.Evidence{silent("edge")}, held(unknown, "RouterUnreachable")},
		"new, never asked":          {newNode(), one, []verdict.Evidence{{Router: "edge"}}, held("", "")},
		"new, no router":            {newNode(), one, nil, held(unknown, verdict.ReasonNoRouter)},
		"new, answer is stale":      {newNode(), one, []verdict.Evidence{asked("edge", 91*time.Second, established(time.Hour))}, held(unknown, verdict.ReasonAnswerStale)},
		"new, answer older than the node": {
			newNode(func(n *verdict.Node) { n.SeenAt = now }), one, []verdict.Evidence{up("edge")}, held("", ""),
		},
		"new, answer of the moment the node was seen": {
			newNode(func(n *verdict.Node) { n.SeenAt = ago(time.Second) }), one, []verdict.Evidence{up("edge")}, held("", ""),
		},
		"new, no address": {
			newNode(func(n *verdict.Node) { n.Addresses = nil }), one, []verdict.Evidence{up("edge")},
			held(unknown, verdict.ReasonNoAddress),
		},
		"new, administratively down": {
			newNode(), one, []verdict.Evidence{asked("edge", 0, down(func(s *verdict.Session) { s.AdminDown = true }))},
			held(no, verdict.ReasonAdministrativelyDown),
		},
		"new, in a listen range": {
			newNode(), one, []verdict.Evidence{{Router: "edge", AskedAt: now, StaleAfter: time.Minute, ListenRange: true}},
			held(no, verdict.ReasonNotConnected),
		},
		"new, up for less than releaseAfter": {
			newNode(), []verdict.Policy{policy(releaseAfter(30 * time.Second))},
			[]verdict.Evidence{asked("edge", 0, established(10*time.Second))},
			want{State: verdict.Held, Taint: verdict.AddTaint, Status: no, Reason: verdict.ReasonSettling, Recheck: 20 * time.Second},
		},
		"new, came up while the decision was being taken": {
			newNode(), one, []verdict.Evidence{asked("edge", 0, established(-time.Second))}, released,
		},
		"new, up for releaseAfter": {
			newNode(), []verdict.Policy{policy(releaseAfter(30 * time.Second))},
			[]verdict.Evidence{asked("edge", 0, established(30*time.Second))}, released,
		},
		"new, one of two routers, all wanted": {
			newNode(), one, []verdict.Evidence{up("a"), lack("b")}, held(no, verdict.ReasonNeighborNotConfigured),
		},
		"new, one of two routers, one wanted": {
			newNode(), []verdict.Policy{policy(needs(intstr.FromInt32(1)))}, []verdict.Evidence{up("a"), lack("b")}, released,
		},
		"new, one up, one silent, all wanted": {
			newNode(), one, []verdict.Evidence{up("a"), silent("b")}, held(unknown, "RouterUnreachable"),
		},
		"new, one up, one silent, one wanted": {
			newNode(), []verdict.Policy{policy(needs(intstr.FromString("50%")))}, []verdict.Evidence{up("a"), silent("b")}, released,
		},
		"new, one lacks it, one silent, all wanted": {
			newNode(), one, []verdict.Evidence{lack("a"), silent("b")}, held(no, verdict.ReasonNeighborNotConfigured),
		},
		"new, percentage rounds up": {
			newNode(), []verdict.Policy{policy(needs(intstr.FromString("34%")))},
			[]verdict.Evidence{up("a"), lack("b"), lack("c")}, held(no, verdict.ReasonNeighborNotConfigured),
		},
		"new, more wanted than there are": {
			newNode(), []verdict.Policy{policy(needs(intstr.FromInt32(5)))}, []verdict.Evidence{up("a")}, released,
		},
		"new, one of two policies satisfied": {
			newNode(), []verdict.Policy{policy(needs(intstr.FromInt32(1))), policy()},
			[]verdict.Evidence{up("a"), lack("b")}, held(no, verdict.ReasonNeighborNotConfigured),
		},
		"new, satisfied for the policy that holds, not for the one that reports": {
			newNode(), []verdict.Policy{policy(needs(intstr.FromInt32(1))), policy(report)},
			[]verdict.Evidence{up("a"), lack("b")},
			want{State: verdict.Reported, Taint: verdict.RemoveTaint, Confirm: true, Status: no, Reason: verdict.ReasonNeighborNotConfigured},
		},
		"new, satisfied for the policy that holds, not for long enough for the one that reports": {
			newNode(), []verdict.Policy{policy(), policy(report, releaseAfter(2*time.Hour))}, []verdict.Evidence{up("edge")},
			want{
				State: verdict.Peered, Taint: verdict.RemoveTaint, Confirm: true, Status: yes, Reason: verdict.ReasonSessionEstablished,
				Recheck: 2*time.Hour - 45*time.Second,
			},
		},
		"new, bootstrap": {newNode(), []verdict.Policy{policy(bootstrap)}, []verdict.Evidence{lack("edge")}, held(no, verdict.ReasonNeighborNotConfigured)},

		"old, never confirmed, not configured": {
			newNode(old, untainted), one, []verdict.Evidence{lack("edge")},
			left(verdict.Reported, no, verdict.ReasonNeighborNotConfigured),
		},
		"of the policy's second, never confirmed": {
			newNode(untainted, func(n *verdict.Node) { n.CreatedAt = ago(time.Hour) }), one, []verdict.Evidence{lack("edge")},
			held(no, verdict.ReasonNeighborNotConfigured),
		},
		"old, never confirmed, silent": {
			newNode(old, untainted), one, []verdict.Evidence{silent("edge")}, left(verdict.Undecided, unknown, "RouterUnreachable"),
		},
		"old, never confirmed, to be held": {
			newNode(old, untainted), []verdict.Policy{policy(holdExisting)}, []verdict.Evidence{lack("edge")},
			held(no, verdict.ReasonNeighborNotConfigured),
		},
		"old, never confirmed, with the taint": {
			newNode(old), one, []verdict.Evidence{lack("edge")}, held(no, verdict.ReasonNeighborNotConfigured),
		},
		"old, established, is confirmed": {newNode(old, untainted), one, []verdict.Evidence{up("edge")}, released},

		"confirmed, established": {newNode(confirmed), one, []verdict.Evidence{up("edge")}, peered},
		"confirmed, a second administrator's taint goes": {
			newNode(confirmed, func(n *verdict.Node) { n.Tainted = true }), one, []verdict.Evidence{up("edge")}, reopened,
		},
		"confirmed, silent": {newNode(confirmed), one, []verdict.Evidence{silent("edge")}, left(verdict.Undecided, unknown, "RouterUnreachable")},
		"confirmed, never asked leaves everything": {
			newNode(confirmed, unpeeredFor(time.Hour)), one, []verdict.Evidence{{Router: "edge"}}, left(verdict.Undecided, "", ""),
		},
		"confirmed, just lost": {
			newNode(confirmed), one, []verdict.Evidence{lack("edge")},
			want{State: verdict.Lost, Status: no, Reason: verdict.ReasonNeighborNotConfigured, Recheck: 150 * time.Second},
		},
		"confirmed, a moment before the grace ends": {
			newNode(confirmed, unpeeredFor(149*time.Second)), one, []verdict.Evidence{lack("edge")},
			want{State: verdict.Lost, Status: no, Reason: verdict.ReasonNeighborNotConfigured, Recheck: time.Second},
		},
		"confirmed, lost for the grace": {
			newNode(confirmed, unpeeredFor(150*time.Second)), one, []verdict.Evidence{lack("edge")},
			want{State: verdict.Lost, Taint: verdict.AddTaint, Status: no, Reason: verdict.ReasonNeighborNotConfigured},
		},
		"confirmed, lost just now by a time that is rounded up, without grace": {
			newNode(confirmed, unpeeredFor(-700*time.Millisecond)), []verdict.Policy{policy(graceless)}, []verdict.Evidence{lack("edge")},
			want{State: verdict.Lost, Taint: verdict.AddTaint, Status: no, Reason: verdict.ReasonNeighborNotConfigured},
		},
		"confirmed, lost for the grace, guarded": {
			newNode(confirmed, unpeeredFor(time.Hour)), []verdict.Policy{policy(guarded)}, []verdict.Evidence{lack("edge")},
			want{State: verdict.Lost, Status: no, Reason: verdict.ReasonNeighborNotConfigured, Recheck: 30 * time.Second},
		},
		"confirmed, lost, bootstrap": {
			newNode(confirmed, unpeeredFor(time.Hour)), []verdict.Policy{policy(bootstrap)}, []verdict.Evidence{lack("edge")},
			left(verdict.Lost, no, verdict.ReasonNeighborNotConfigured),
		},
		"lost and tainted, still down": {
			newNode(confirmed, unpeeredFor(time.Hour), func(n *verdict.Node) { n.Tainted = true }), one,
			[]verdict.Evidence{lack("edge")}, left(verdict.Lost, no, verdict.ReasonNeighborNotConfigured),
		},
		"lost and tainted, router silent": {
			newNode(confirmed, func(n *verdict.Node) { n.Tainted = true }), one, []verdict.Evidence{silent("edge")},
			left(verdict.Lost, unknown, "RouterUnreachable"),
		},
		"confirmed, restarted, answer older than the process": {
			newNode(confirmed, func(n *verdict.Node) { n.SeenAt = now }), one, []verdict.Evidence{up("edge")},
			left(verdict.Peered, "", ""),
		},

		"confirmed, up for less than releaseAfter": {
			newNode(confirmed), []verdict.Policy{policy(releaseAfter(30 * time.Second))},
			[]verdict.Evidence{asked("edge", 0, established(10*time.Second))},
			want{State: verdict.Peered, Status: yes, Reason: verdict.ReasonSessionEstablished, Recheck: 20 * time.Second},
		},
		"lost and tainted, up for less than releaseAfter": {
			newNode(confirmed, tainted), []verdict.Policy{policy(releaseAfter(30 * time.Second))},
			[]verdict.Evidence{asked("edge", 0, established(10*time.Second))},
			want{State: verdict.Lost, Status: no, Reason: verdict.ReasonSettling, Recheck: 20 * time.Second},
		},
		"lost and tainted, up for less than releaseAfter, no longer to be tainted": {
			newNode(confirmed, tainted), []verdict.Policy{policy(report, releaseAfter(30*time.Second))},
			[]verdict.Evidence{asked("edge", 0, established(10*time.Second))},
			want{State: verdict.Peered, Taint: verdict.RemoveTaint, Status: yes, Reason: verdict.ReasonSessionEstablished, Recheck: 20 * time.Second},
		},
		"report only, never confirmed, up for less than releaseAfter": {
			newNode(untainted), []verdict.Policy{policy(report, releaseAfter(30*time.Second))},
			[]verdict.Evidence{asked("edge", 0, established(10*time.Second))},
			want{State: verdict.Peered, Taint: verdict.RemoveTaint, Status: no, Reason: verdict.ReasonSettling, Recheck: 20 * time.Second},
		},
		"old, up for less than releaseAfter": {
			newNode(old, untainted), []verdict.Policy{policy(releaseAfter(30 * time.Second))},
			[]verdict.Evidence{asked("edge", 0, established(10*time.Second))},
			want{State: verdict.Peered, Status: no, Reason: verdict.ReasonSettling, Recheck: 20 * time.Second},
		},
		"confirmed, a nanosecond before the grace ends": {
			newNode(confirmed, unpeeredFor(150*time.Second-1)), one, []verdict.Evidence{lack("edge")},
			want{State: verdict.Lost, Status: no, Reason: verdict.ReasonNeighborNotConfigured, Recheck: 1},
		},
		"confirmed, unsatisfied for long, by this policy a moment ago": {
			newNode(confirmed, unpeeredFor(time.Hour)), []verdict.Policy{policy(metAgo(time.Minute))}, []verdict.Evidence{lack("edge")},
			want{State: verdict.Lost, Status: no, Reason: verdict.ReasonNeighborNotConfigured, Recheck: 90 * time.Second},
		},
		"confirmed, unsatisfied for long by one of two policies, of a process that has just begun": {
			newNode(confirmed, unpeeredFor(time.Hour)), []verdict.Policy{policy(), policy(report)}, []verdict.Evidence{lack("edge")},
			want{State: verdict.Lost, Status: no, Reason: verdict.ReasonNeighborNotConfigured, Recheck: 90 * time.Second},
		},
		"confirmed, lost for the grace for a policy that is guarded, and not for another": {
			newNode(confirmed, unpeeredFor(time.Hour), func(n *verdict.Node) { n.SeenAt = ago(time.Hour) }),
			[]verdict.Policy{policy(guarded), policy(needs(intstr.FromInt32(1)))}, []verdict.Evidence{up("a"), lack("b")},
			want{State: verdict.Lost, Status: no, Reason: verdict.ReasonNeighborNotConfigured, Recheck: 30 * time.Second},
		},
		"confirmed, one router lacks it, one was not asked yet": {
			newNode(confirmed, unpeeredFor(time.Minute)), []verdict.Policy{policy(needs(intstr.FromInt32(1)))},
			[]verdict.Evidence{lack("a"), {Router: "b"}}, left(verdict.Undecided, "", ""),
		},
		"a policy that cannot be read, beside one that can": {
			newNode(), []verdict.Policy{policy(), policy(needs(intstr.FromString("half")))}, []verdict.Evidence{up("edge")},
			held(unknown, verdict.ReasonInvalidPolicy),
		},
		"new, IPv6 wanted, and agreed on":         {newNode(), onlyIPv6, []verdict.Evidence{v6}, released},
		"new, IPv6 wanted, IPv4 agreed on":        {newNode(), onlyIPv6, []verdict.Evidence{v4}, held(no, verdict.ReasonFamilyNotNegotiated)},
		"new, IPv6 wanted, and nothing told":      {newNode(), onlyIPv6, []verdict.Evidence{untold}, held(unknown, verdict.ReasonFamilyUnknown)},
		"confirmed, IPv6 wanted, nothing told":    {newNode(confirmed), onlyIPv6, []verdict.Evidence{untold}, left(verdict.Undecided, unknown, verdict.ReasonFamilyUnknown)},
		"new, any wanted, and nothing told":       {newNode(), []verdict.Policy{policy(wants(v1alpha1.FamiliesAny))}, []verdict.Evidence{untold}, released},
		"new, one policy wants IPv6, another any": {newNode(), []verdict.Policy{policy(), onlyIPv6[0]}, []verdict.Evidence{v4}, held(no, verdict.ReasonFamilyNotNegotiated)},
		"confirmed, IPv6 lost for the grace": {
			newNode(confirmed, unpeeredFor(150*time.Second)), onlyIPv6, []verdict.Evidence{v4},
			want{State: verdict.Lost, Taint: verdict.AddTaint, Status: no, Reason: verdict.ReasonFamilyNotNegotiated},
		},
		"confirmed, IPv6 lost for the grace, of no interest to the policy that taints": {
			newNode(confirmed, unpeeredFor(time.Hour)), []verdict.Policy{policy(), policy(report, wants(v1alpha1.FamiliesIPv6))}, []verdict.Evidence{v4},
			want{State: verdict.Reported, Taint: verdict.RemoveTaint, Status: no, Reason: verdict.ReasonFamilyNotNegotiated},
		},

		"lost once, up again": {newNode(relost(61 * time.Minute)), flapping, []verdict.Evidence{up("edge")}, reopened},
		"lost again within an hour, up for a moment": {
			newNode(relost(time.Hour - 1)), flapping, []verdict.Evidence{asked("edge", 0, established(time.Minute))},
			want{State: verdict.Lost, Status: no, Reason: verdict.ReasonFlapping, Recheck: 29 * time.Minute},
		},
		"lost again after an hour, up for a moment": {
			newNode(relost(time.Hour)), flapping, []verdict.Evidence{asked("edge", 0, established(time.Minute))}, reopened,
		},
		"lost again within an hour, up for half an hour": {
			newNode(relost(time.Minute)), flapping, []verdict.Evidence{asked("edge", 0, established(30*time.Minute))}, reopened,
		},
		"lost again within an hour, up for half an hour, which is too short for releaseAfter": {
			newNode(relost(time.Minute)), []verdict.Policy{policy(damped, releaseAfter(time.Hour))},
			[]verdict.Evidence{asked("edge", 0, established(30*time.Minute))},
			want{State: verdict.Lost, Status: no, Reason: verdict.ReasonFlapping, Recheck: 30 * time.Minute},
		},
		"lost again within an hour, down": {
			newNode(relost(time.Minute)), flapping, []verdict.Evidence{asked("edge", 0, down())}, left(verdict.Lost, no, verdict.ReasonFlapping),
		},
		"lost again within an hour, not connected": {
			newNode(relost(time.Minute)), flapping, []verdict.Evidence{{Router: "edge", AskedAt: now, StaleAfter: time.Minute, ListenRange: true}},
			left(verdict.Lost, no, verdict.ReasonFlapping),
		},
		"lost again within an hour, and the neighbor is gone": {
			newNode(relost(time.Minute)), flapping, []verdict.Evidence{lack("edge")}, left(verdict.Lost, no, verdict.ReasonNeighborNotConfigured),
		},
		"lost again within an hour, up, nothing damped":             {newNode(relost(time.Minute)), one, []verdict.Evidence{up("edge")}, reopened},
		"lost again, by a clock that is behind, up, nothing damped": {newNode(relost(-time.Minute)), one, []verdict.Evidence{up("edge")}, reopened},
		"lost again within an hour, by a taint without a time, up": {
			newNode(relost(time.Minute), func(n *verdict.Node) { n.TaintedAt = time.Time{} }), flapping, []verdict.Evidence{up("edge")}, reopened,
		},
		"lost again, by a clock that is behind, down, nothing damped": {
			newNode(relost(-time.Minute)), one, []verdict.Evidence{asked("edge", 0, down())}, left(verdict.Lost, no, verdict.ReasonSessionDown),
		},
		"lost for the grace, opened not long ago": {
			newNode(confirmed, old, unpeeredFor(150*time.Second), func(n *verdict.Node) { n.ReopenedAt = ago(time.Hour - time.Second) }), flapping,
			[]verdict.Evidence{asked("edge", 0, down())},
			want{State: verdict.Lost, Taint: verdict.AddTaint, Status: no, Reason: verdict.ReasonFlapping},
		},
		"lost for the grace, opened long ago": {
			newNode(confirmed, old, unpeeredFor(150*time.Second), func(n *verdict.Node) { n.ReopenedAt = ago(time.Hour) }), flapping,
			[]verdict.Evidence{asked("edge", 0, down())},
			want{State: verdict.Lost, Taint: verdict.AddTaint, Status: no, Reason: verdict.ReasonSessionDown},
		},
		"never opened after a loss, lost, up": {
			newNode(relost(time.Minute), func(n *verdict.Node) { n.ReopenedAt = time.Time{} }), flapping, []verdict.Evidence{up("edge")}, reopened,
		},
		"opened after a loss, without the taint, up": {
			newNode(relost(time.Minute), untainted), flapping, []verdict.Evidence{up("edge")}, peered,
		},
		"held, with times of an earlier life, up": {
			newNode(relost(time.Minute), func(n *verdict.Node) { n.Confirmed = false }), flapping, []verdict.Evidence{up("edge")}, released,
		},
		"lost again within an hour, no longer to be tainted": {
			newNode(relost(time.Minute)), []verdict.Policy{policy(damped, report)}, []verdict.Evidence{asked("edge", 0, down())},
			want{State: verdict.Reported, Taint: verdict.RemoveTaint, Status: no, Reason: verdict.ReasonSessionDown},
		},
		"report only, new with the taint": {
			newNode(), []verdict.Policy{policy(report)}, []verdict.Evidence{lack("edge")},
			want{State: verdict.Reported, Taint: verdict.RemoveTaint, Status: no, Reason: verdict.ReasonNeighborNotConfigured},
		},
		"report only, lost for long": {
			newNode(confirmed, unpeeredFor(time.Hour)), []verdict.Policy{policy(report)}, []verdict.Evidence{lack("edge")},
			want{State: verdict.Reported, Taint: verdict.RemoveTaint, Status: no, Reason: verdict.ReasonNeighborNotConfigured},
		},
		"report only, confirmed, established": {newNode(confirmed), []verdict.Policy{policy(report)}, []verdict.Evidence{up("edge")}, peered},
		"report only, established":            {newNode(), []verdict.Policy{policy(report)}, []verdict.Evidence{up("edge")}, released},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := verdict.Decide(verdict.Input{Node: test.node, Policies: test.policies, Routers: test.routers, Now: now})
			got := want{State: d.State, Taint: d.Taint, Confirm: d.Confirm, Reopen: d.Reopen, Status: d.Condition.Status, Reason: d.Condition.Reason, Recheck: d.RecheckAfter}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("decision (-want +got):\n%s\nmessage: %s", diff, d.Condition.Message)
			}
		})
	}
}

func TestGuardTrips(t *testing.T) {
	tests := map[string]struct {
		unpeered, nodes int
		max             intstr.IntOrString
		want            bool
	}{
		"half of ten at half":           {5, 10, intstr.FromString("50%"), false},
		"six of ten at half":            {6, 10, intstr.FromString("50%"), true},
		"rounds down":                   {2, 3, intstr.FromString("50%"), true},
		"one of three at half":          {1, 3, intstr.FromString("50%"), false},
		"the only node":                 {1, 1, intstr.FromString("50%"), true},
		"a number":                      {2, 100, intstr.FromInt32(2), false},
		"above a number":                {3, 100, intstr.FromInt32(2), true},
		"none lost":                     {0, 10, intstr.FromInt32(0), false},
		"neither number nor percentage": {1, 10, intstr.FromString("half"), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := verdict.GuardTrips(test.unpeered, test.nodes, test.max); got != test.want {
				t.Errorf("GuardTrips(%d, %d, %s) = %v, want %v", test.unpeered, test.nodes, test.max.String(), got, test.want)
			}
		})
	}
}

// TestAwaitsAnswer: a router that says the same again brings no node back to be decided, unless the node waits for it.
func TestAwaitsAnswer(t *testing.T) {
	seenNow := func(n *verdict.Node) { n.SeenAt = now }
	one := []verdict.Policy{policy()}
	for name, test := range map[string]struct {
		node     verdict.Node
		policies []verdict.Policy
		routers  []verdict.Evidence
		want     bool
	}{
		"held, asked before it was known":                                               {newNode(seenNow), one, []verdict.Evidence{up("edge")}, true},
		"confirmed, asked before it was known":                                          {newNode(confirmed, seenNow), one, []verdict.Evidence{up("edge")}, true},
		"existing, asked before it was known":                                           {newNode(old, untainted, seenNow), one, []verdict.Evidence{up("edge")}, true},
		"report only, asked before it was known":                                        {newNode(untainted, seenNow), []verdict.Policy{policy(report)}, []verdict.Evidence{up("edge")}, true},
		"one of two asked before it was known":                                          {newNode(confirmed, func(n *verdict.Node) { n.SeenAt = ago(3 * time.Second) }), one, []verdict.Evidence{up("a"), asked("b", 5*time.Second, established(time.Hour))}, true},
		"one of two asked before it was known, of interest to the first policy":         {newNode(confirmed, func(n *verdict.Node) { n.SeenAt = ago(3 * time.Second) }), []verdict.Policy{policy(), policy(needs(intstr.FromInt32(1)))}, []verdict.Evidence{asked("a", 5*time.Second, established(time.Hour)), up("b")}, true},
		"confirmed, asked since":                                                        {newNode(confirmed), one, []verdict.Evidence{up("edge")}, false},
		"one of two asked before it was known, the other up for less than releaseAfter": {newNode(confirmed, func(n *verdict.Node) { n.SeenAt = ago(3 * time.Second) }), []verdict.Policy{policy(releaseAfter(2 * time.Hour))}, []verdict.Evidence{asked("a", 5*time.Second, established(time.Hour)), up("b")}, true},
		"held for releaseAfter":                                                         {newNode(), []verdict.Policy{policy(releaseAfter(2 * time.Hour))}, []verdict.Evidence{up("edge")}, false},
		"one of two asked before it was known, the other lacks it":                      {newNode(confirmed, seenNow), one, []verdict.Evidence{up("a"), lack("b")}, false},
		"asked before it was known, of interest to the first policy":                    {newNode(confirmed, seenNow), []verdict.Policy{policy(), policy(needs(intstr.FromString("half")))}, []verdict.Evidence{up("edge")}, false},
		"one of two asked before it was known, of interest to one that reports":         {newNode(confirmed, func(n *verdict.Node) { n.SeenAt = ago(3 * time.Second) }), []verdict.Policy{policy(needs(intstr.FromInt32(1))), policy(report)}, []verdict.Evidence{up("a"), asked("b", 5*time.Second, established(time.Hour))}, true},
		"existing, asked before it was known, without what another policy reports":      {newNode(old, untainted, seenNow), []verdict.Policy{policy(needs(intstr.FromInt32(1))), policy(report)}, []verdict.Evidence{up("a"), lack("b")}, true},
		"confirmed, without its session":                                                {newNode(confirmed, seenNow), one, []verdict.Evidence{lack("edge")}, false},
		"confirmed, asked before it was known, exempt":                                  {newNode(confirmed, seenNow, func(n *verdict.Node) { n.Exempt = "why" }), one, []verdict.Evidence{up("edge")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := verdict.Decide(verdict.Input{Node: test.node, Policies: test.policies, Routers: test.routers, Now: now})
			if got.AwaitsAnswer != test.want {
				t.Errorf("AwaitsAnswer is %t; the node is %s", got.AwaitsAnswer, got.State)
			}
		})
	}
}
