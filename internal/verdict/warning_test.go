package verdict_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/internal/verdict"
)

// TestLeftover holds when a session is said to be an earlier machine's: it came up clearly before the Node existed, and
// has not outlived it yet. Times are from when the Node was created.
func TestLeftover(t *testing.T) {
	const minute = time.Minute
	for name, test := range map[string]struct {
		// cameUp is how long before the Node, created and seen are by how much later than it truly was, and age how old it is.
		cameUp, created, seen, age time.Duration
		// ends is after how long the warning ends, 0 if there is none.
		ends time.Duration
	}{
		"an ordinary join":                                      {-20 * time.Second, 0, 0, minute, 0},
		"a speaker that is there first":                         {2 * minute, 0, 0, minute, 0},
		"as long before as clocks may differ":                   {5 * minute, 0, 0, minute, 0},
		"longer before than clocks may differ":                  {5*minute + 1, 0, 0, minute, 9 * minute},
		"an earlier machine's":                                  {time.Hour, 0, 0, minute, 9 * minute},
		"at the last moment":                                    {time.Hour, 0, 0, 10*minute - 1, 1},
		"of a node that it has outlived":                        {time.Hour, 0, 0, 10 * minute, 0},
		"of a node that is there for long":                      {time.Hour, 0, 0, 24 * time.Hour, 0},
		"the API server's clock is ahead":                       {-20 * time.Second, time.Hour, 0, minute, 0},
		"the API server's clock is ahead, an earlier machine's": {time.Hour, time.Hour, 0, minute, 9 * minute},
		"the API server's clock is a little behind":             {time.Hour, -minute, 0, minute, 8 * minute},
		"a manager that has just started":                       {-20 * time.Second, 0, time.Hour, time.Hour, 0},
		"a manager that has just started, an old node":          {time.Hour, 0, 24 * time.Hour, 24 * time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			was := ago(test.age)
			n := verdict.Node{Addresses: []netip.Addr{addr}, CreatedAt: was.Add(test.created), SeenAt: was.Add(test.seen)}
			s := established(0)
			s.EstablishedSince = was.Add(-test.cameUp)
			a := verdict.Ask(asked("edge", 0, s), n, now)
			if a.WarningEnds != test.ends || (len(a.Warnings) > 0) != (test.ends > 0) {
				t.Errorf("warned for %s, want %s: %q", a.WarningEnds, test.ends, a.Warnings)
			}
			d := verdict.Decide(verdict.Input{Node: n, Policies: []verdict.Policy{policy()}, Routers: []verdict.Evidence{asked("edge", 0, s)}, Now: now})
			if d.RecheckAfter != test.ends {
				t.Errorf("looked at again after %s, want %s", d.RecheckAfter, test.ends)
			}
		})
	}
}

// TestLeftoverHoldsNothing: what is warned of is released all the same.
func TestLeftoverHoldsNothing(t *testing.T) {
	d := verdict.Decide(verdict.Input{
		Node: newNode(), Policies: []verdict.Policy{policy()}, Routers: []verdict.Evidence{asked("edge", 0, established(time.Hour))}, Now: now,
	})
	if d.Taint != verdict.RemoveTaint || !d.Confirm || len(d.Answers[0].Warnings) != 1 || !d.Warns() {
		t.Errorf("%s, and warned of %q", d.State, d.Answers[0].Warnings)
	}
}

func TestWarns(t *testing.T) {
	for _, test := range []struct {
		routers []verdict.Evidence
		want    bool
	}{
		{nil, false}, {[]verdict.Evidence{up("a"), lack("b")}, false}, {[]verdict.Evidence{up("a"), asked("b", 0, blocked())}, true},
	} {
		d := verdict.Decide(verdict.Input{Node: newNode(), Policies: []verdict.Policy{policy()}, Routers: test.routers, Now: now})
		if d.Warns() != test.want {
			t.Errorf("warns: %t of %+v", d.Warns(), d.Answers)
		}
	}
}

func TestIdentifier(t *testing.T) {
	const own, foreign = "192.168.3.33", "192.168.3.31"
	for name, test := range map[string]struct {
		stated, identifier, otherNode string
		want                          []string
	}{
		"not shown":                     {"", "", "", nil},
		"not shown, and one stated":     {own, "", "", nil},
		"nobody's address":              {"", foreign, "", nil},
		"another node's":                {"", foreign, "n1", []string{"knows 192.168.3.33 by the BGP identifier 192.168.3.31, which is an address of node n1"}},
		"as stated":                     {foreign, foreign, "", nil},
		"as stated, and another node's": {foreign, foreign, "n1", []string{"knows 192.168.3.33 by the BGP identifier 192.168.3.31, which is an address of node n1"}},
		"not as stated":                 {own, foreign, "", []string{"knows 192.168.3.33 by the BGP identifier 192.168.3.31, and the node states 192.168.3.33"}},
		"not as stated, another node's": {own, foreign, "n1", []string{"knows 192.168.3.33 by the BGP identifier 192.168.3.31, and the node states 192.168.3.33"}},
	} {
		t.Run(name, func(t *testing.T) {
			n, s := newNode(), established(time.Second)
			n.Identifier, _ = netip.ParseAddr(test.stated)
			s.PeerRouterID, _ = netip.ParseAddr(test.identifier)
			s.OtherNode = test.otherNode
			a := verdict.Ask(asked("edge", 0, s), n, now)
			if diff := cmp.Diff(test.want, a.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWarningsOfEverySession: each session that is up is looked at, and none that is down.
func TestWarningsOfEverySession(t *testing.T) {
	sessions := []verdict.Session{
		down(func(s *verdict.Session) { s.PolicyBlocked, s.OtherNode, s.PeerRouterID = true, "n1", addr }),
		blocked(), overIPv6(blocked()),
	}
	want := []string{
		"rejects every route from 192.168.3.33 for want of a policy (RFC 8212)",
		"rejects every route from fd00::33 for want of a policy (RFC 8212)",
	}
	if diff := cmp.Diff(want, verdict.Ask(asked("edge", 0, sessions...), newNode(), now).Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
