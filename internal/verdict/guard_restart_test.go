package verdict_test

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

// TestUnpeeredBeforeTheFirstAnswer: until a router has been asked, a node counts as lost if its condition said so to the
// leader before; once the router is known to be silent, it does not.
func TestUnpeeredBeforeTheFirstAnswer(t *testing.T) {
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	policy := verdict.Policy{Name: "default", MinEstablished: intstr.FromString("100%")}
	notAsked := verdict.Evidence{Router: "edge"}
	silent := verdict.Evidence{Router: "edge", Failure: &verdict.Failure{Reason: routerclient.ReasonTimeout, Message: "…"}}
	lost := verdict.Node{Confirmed: true, UnpeeredSince: now.Add(-time.Hour)}
	for name, test := range map[string]struct {
		node   verdict.Node
		router verdict.Evidence
		want   bool
	}{
		"the condition is False":                       {lost, notAsked, true},
		"the condition is True":                        {verdict.Node{Confirmed: true}, notAsked, false},
		"never confirmed":                              {verdict.Node{UnpeeredSince: lost.UnpeeredSince}, notAsked, false},
		"the condition is False, the router silent":    {lost, silent, false},
		"tainted, and the router silent":               {verdict.Node{Confirmed: true, Tainted: true}, silent, true},
		"the condition is False, and no router at all": {lost, verdict.Evidence{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			in := verdict.Input{Node: test.node, Policies: []verdict.Policy{policy}, Now: now}
			if test.router.Router != "" {
				in.Routers = []verdict.Evidence{test.router}
			}
			if got := verdict.Unpeered(in, policy); got != test.want {
				t.Errorf("counts: %t, want %t", got, test.want)
			}
		})
	}
}
