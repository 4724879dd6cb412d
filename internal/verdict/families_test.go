package verdict_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

// TestFamilies holds what sessions count for a policy, by the address families they carry.
func TestFamilies(t *testing.T) {
	const (
		v4 = routerclient.IPv4
		v6 = routerclient.IPv6

		anyOf = v1alpha1.FamiliesAny
		all   = v1alpha1.FamiliesAll
		four  = v1alpha1.FamiliesIPv4
		six   = v1alpha1.FamiliesIPv6

		up       = verdict.ReasonSessionEstablished
		lacks    = verdict.ReasonFamilyNotNegotiated
		untold   = verdict.ReasonFamilyUnknown
		isDown   = verdict.ReasonSessionDown
		isAbsent = verdict.ReasonNeighborNotConfigured
	)
	older, younger := established(time.Hour), established(time.Minute)
	single := []netip.Addr{addr}
	dual := []netip.Addr{addr, netip.MustParseAddr("fd00::33")}
	of := func(s ...verdict.Session) []verdict.Session { return s }
	for name, test := range map[string]struct {
		wanted    v1alpha1.Families
		addresses []netip.Addr
		sessions  []verdict.Session
		want      verdict.Reason
		since     time.Duration
	}{
		"any, and nothing told":                         {anyOf, dual, of(older), up, time.Hour},
		"a policy from before there was a choice":       {"", dual, of(older), up, time.Hour},
		"any, of which neither is carried":              {anyOf, dual, of(carrying(older)), up, time.Hour},
		"IPv4, carried":                                 {four, single, of(carrying(older, v4)), up, time.Hour},
		"IPv4, only IPv6 carried":                       {four, single, of(carrying(older, v6)), lacks, 0},
		"IPv6, carried over IPv4":                       {six, single, of(carrying(older, v4, v6)), up, time.Hour},
		"IPv6, only IPv4 carried":                       {six, dual, of(carrying(older, v4)), lacks, 0},
		"IPv6, nothing told":                            {six, dual, of(older), untold, 0},
		"IPv6, configured beside IPv4":                  {six, dual, of(listing(older, v4, v6)), untold, 0},
		"IPv6, alone configured":                        {six, dual, of(listing(older, v6)), up, time.Hour},
		"IPv6, told of one session, not of another":     {six, dual, of(carrying(older, v4), younger), untold, 0},
		"IPv6, not told of one session, but of another": {six, dual, of(older, carrying(younger, v6)), up, time.Minute},
		"IPv6, carried twice":                           {six, dual, of(carrying(younger, v6), carrying(older, v6)), up, time.Hour},
		"IPv6, carried by one that is down":             {six, dual, of(listing(down(), v6), carrying(older, v4)), lacks, 0},
		"IPv6, down":                                    {six, dual, of(listing(down(), v6)), isDown, 0},
		"IPv6, absent":                                  {six, dual, nil, isAbsent, 0},
		"all of one, carried":                           {all, single, of(carrying(older, v4)), up, time.Hour},
		"all of one, the other carried":                 {all, single, of(carrying(older, v6)), lacks, 0},
		"all of IPv6 alone":                             {all, dual[1:], of(carrying(older, v6)), up, time.Hour},
		"all of two, one session":                       {all, dual, of(carrying(older, v4, v6)), up, time.Hour},
		"all of two, a session each":                    {all, dual, of(carrying(older, v4), carrying(younger, v6)), up, time.Minute},
		"all of two, a session each, the other way":     {all, dual, of(carrying(older, v6), carrying(younger, v4)), up, time.Minute},
		"all of two, one missing":                       {all, dual, of(carrying(older, v4)), lacks, 0},
		"all of two, one untold":                        {all, dual, of(carrying(older, v4), younger), untold, 0},
		"all of two, one missing, one untold":           {all, dual, of(listing(older, v4, v6), carrying(older)), untold, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d := verdict.Decide(verdict.Input{
				Node:     newNode(confirmed, old, func(n *verdict.Node) { n.Addresses = test.addresses }),
				Policies: []verdict.Policy{policy(wants(test.wanted))}, Routers: []verdict.Evidence{asked("edge", 0, test.sessions...)}, Now: now,
			})
			got := d.Answers[0]
			if got.Reason != test.want {
				t.Errorf("reason %s, want %s: %s", got.Reason, test.want, got.Message)
			}
			var since time.Time
			if test.since > 0 {
				since = ago(test.since)
			}
			if !got.EstablishedSince.Equal(since) {
				t.Errorf("since %s, want %s", got.EstablishedSince, since)
			}
		})
	}
}

// TestFamiliesOfSeveralPolicies: each policy judges by what it wants, and the words are about all that is wanted.
func TestFamiliesOfSeveralPolicies(t *testing.T) {
	four := called("four", policy(wants(v1alpha1.FamiliesIPv4)))
	six := called("six", policy(wants(v1alpha1.FamiliesIPv6)))
	onlyIPv4 := asked("edge", 0, carrying(established(time.Second), routerclient.IPv4))
	for name, test := range map[string]struct {
		policies []verdict.Policy
		met      []string
		message  string
	}{
		"one of two": {[]verdict.Policy{four, six}, []string{"four"}, "has an Established session with 192.168.3.33, which does not carry IPv6"},
		"the other":  {[]verdict.Policy{six, four}, []string{"four"}, "has an Established session with 192.168.3.33, which does not carry IPv6"},
		"only that":  {[]verdict.Policy{four}, []string{"four"}, "has an Established session with 192.168.3.33, for IPv4"},
		"any":        {[]verdict.Policy{policy()}, []string{"default"}, "has an Established session with 192.168.3.33"},
	} {
		t.Run(name, func(t *testing.T) {
			d := verdict.Decide(verdict.Input{Node: newNode(confirmed), Policies: test.policies, Routers: []verdict.Evidence{onlyIPv4}, Now: now})
			if diff := cmp.Diff(test.met, d.Met); diff != "" {
				t.Errorf("met (-want +got):\n%s", diff)
			}
			if got := d.Answers[0].Message; got != test.message {
				t.Errorf("%q, want %q", got, test.message)
			}
		})
	}
}

// TestUnpeeredOfFamilies: the guard counts a node that has a session which carries too little.
func TestUnpeeredOfFamilies(t *testing.T) {
	p := policy(wants(v1alpha1.FamiliesIPv6))
	in := verdict.Input{Node: newNode(confirmed), Policies: []verdict.Policy{p}, Now: now}
	for name, test := range map[string]struct {
		session verdict.Session
		want    bool
	}{
		"carries too little": {carrying(established(time.Minute), routerclient.IPv4), true},
		"carries it":         {carrying(established(time.Minute), routerclient.IPv6), false},
		"untold":             {established(time.Minute), false},
	} {
		in.Routers = []verdict.Evidence{asked("edge", 0, test.session)}
		if got := verdict.Unpeered(in, p); got != test.want {
			t.Errorf("%s: counts: %t, want %t", name, got, test.want)
		}
	}
}
