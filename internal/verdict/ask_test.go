package verdict_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

// TestAsk holds what one router says of one node.
func TestAsk(t *testing.T) {
	failing := func(e verdict.Evidence) verdict.Evidence {
		e.Failure = &verdict.Failure{Reason: routerclient.ReasonUnreachable, Message: "connecting: connection refused"}
		return e
	}
	shut := func(s *verdict.Session) { s.AdminDown = true }
	unwell := func(s *verdict.Session) { s.Detail = "Hold Timer Expired" }
	opening := func(s *verdict.Session) { s.State = routerclient.OpenSent }
	inRack := func(s *verdict.Session) { s.VRF = "rack" }
	nameless := func(s *verdict.Session) { s.VRF, s.Peer, s.Interface = "", netip.Addr{}, "swp1" }
	unheard := func(s *verdict.Session) { s.State = "" }
	blockedButDown := func(s *verdict.Session) { s.PolicyBlocked = true }

	const (
		up      = verdict.Established
		notUp   = verdict.NotEstablished
		unknown = verdict.Unknown
	)
	tests := map[string]struct {
		evidence verdict.Evidence
		outcome  verdict.Outcome
		reason   verdict.Reason
		message  string
		since    time.Duration
		warning  string
	}{
		"never asked":                 {verdict.Evidence{}, unknown, verdict.ReasonNotAskedYet, "has not been asked yet", 0, ""},
		"never answered":              {silent("edge"), unknown, "RouterUnreachable", "gives no answer: connecting: connection refused", 0, ""},
		"answered, fails since":       {failing(asked("edge", 90*time.Second, established(time.Hour))), up, verdict.ReasonSessionEstablished, "has an Established session with 192.168.3.33", time.Hour, ""},
		"fails for too long":          {failing(asked("edge", 90*time.Second+1, established(time.Hour))), unknown, "RouterUnreachable", "gives no answer: connecting: connection refused", 0, ""},
		"as old as it may be":         {asked("edge", 90*time.Second, established(time.Hour)), up, verdict.ReasonSessionEstablished, "has an Established session with 192.168.3.33", time.Hour, ""},
		"too old":                     {asked("edge", 90*time.Second+1, established(time.Hour)), unknown, verdict.ReasonAnswerStale, "has not answered within 1m30s", 0, ""},
		"of two, the older":           {asked("edge", 0, established(time.Minute), established(time.Hour)), up, verdict.ReasonSessionEstablished, "has an Established session with 192.168.3.33", time.Hour, ""},
		"of two, the older one first": {asked("edge", 0, established(time.Hour), established(time.Minute)), up, verdict.ReasonSessionEstablished, "has an Established session with 192.168.3.33", time.Hour, ""},
		"up, and another down":        {asked("edge", 0, down(blockedButDown), established(time.Hour)), up, verdict.ReasonSessionEstablished, "has an Established session with 192.168.3.33", time.Hour, ""},
		"up and blocked":              {asked("edge", 0, blocked()), up, verdict.ReasonSessionEstablished, "has an Established session with 192.168.3.33", 45 * time.Second, "rejects every route from 192.168.3.33 for want of a policy (RFC 8212)"},
		"down":                        {asked("edge", 0, down()), notUp, verdict.ReasonSessionDown, "has the neighbor 192.168.3.33, but the session is down: Idle, Connect or Active", 0, ""},
		"down, with a reason":         {asked("edge", 0, down(unwell)), notUp, verdict.ReasonSessionDown, "has the neighbor 192.168.3.33, but the session is down: Idle, Connect or Active (Hold Timer Expired)", 0, ""},
		"opening":                     {asked("edge", 0, down(opening)), notUp, verdict.ReasonSessionDown, "has the neighbor 192.168.3.33, but the session is down: OpenSent or OpenConfirm", 0, ""},
		"in an unknown state":         {asked("edge", 0, down(unheard)), notUp, verdict.ReasonSessionDown, "has the neighbor 192.168.3.33, but the session is down", 0, ""},
		"in a VRF":                    {asked("edge", 0, down(inRack)), notUp, verdict.ReasonSessionDown, "has the neighbor 192.168.3.33 in VRF rack, but the session is down: Idle, Connect or Active", 0, ""},
		"without an address":          {asked("edge", 0, down(nameless)), notUp, verdict.ReasonSessionDown, "has the neighbor swp1, but the session is down: Idle, Connect or Active", 0, ""},
		"shut down":                   {asked("edge", 0, down(shut)), notUp, verdict.ReasonAdministrativelyDown, "has shut the neighbor 192.168.3.33 down", 0, ""},
		"shut down, one of two":       {asked("edge", 0, down(shut), down(unwell)), notUp, verdict.ReasonSessionDown, "has the neighbor 192.168.3.33, but the session is down: Idle, Connect or Active (Hold Timer Expired)", 0, ""},
		"shut down, the other":        {asked("edge", 0, down(unwell), down(shut)), notUp, verdict.ReasonSessionDown, "has the neighbor 192.168.3.33, but the session is down: Idle, Connect or Active (Hold Timer Expired)", 0, ""},
		"two are down":                {asked("edge", 0, down(unwell), down()), notUp, verdict.ReasonSessionDown, "has the neighbor 192.168.3.33, but the session is down: Idle, Connect or Active (Hold Timer Expired)", 0, ""},
		"shut down, both":             {asked("edge", 0, down(shut), down(shut, inRack)), notUp, verdict.ReasonAdministrativelyDown, "has shut the neighbor 192.168.3.33 down", 0, ""},
		"not there":                   {lack("edge"), notUp, verdict.ReasonNeighborNotConfigured, "has no neighbor 192.168.3.33", 0, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.evidence.Router = "edge"
			want := verdict.Answer{
				Router: "edge", Outcome: test.outcome, Reason: test.reason, Message: test.message, AskedAt: test.evidence.AskedAt,
			}
			if test.warning != "" {
				want.Warnings = []string{test.warning}
			}
			if test.since > 0 {
				want.EstablishedSince = ago(test.since)
			}
			if diff := cmp.Diff(want, verdict.Ask(test.evidence, verdict.Node{Addresses: []netip.Addr{addr}}, now)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}
