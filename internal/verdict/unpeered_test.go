package verdict_test

import (
	"testing"
	"time"

	"github.com/peergate/peergate/internal/verdict"
)

// TestUnpeered holds which nodes a policy's guard counts.
func TestUnpeered(t *testing.T) {
	exempt := func(n *verdict.Node) { n.Exempt = "no BGP in this rack" }
	settling := asked("edge", 0, established(time.Second))
	for name, test := range map[string]struct {
		node   verdict.Node
		router verdict.Evidence
		want   bool
	}{
		"confirmed, established":               {newNode(confirmed), up("edge"), false},
		"confirmed, lacks it":                  {newNode(confirmed), lack("edge"), true},
		"confirmed, lacks it, exempt":          {newNode(confirmed, exempt), lack("edge"), false},
		"confirmed, silent":                    {newNode(confirmed), silent("edge"), false},
		"confirmed, settling":                  {newNode(confirmed), settling, false},
		"lost and tainted, lacks it":           {newNode(confirmed, tainted), lack("edge"), true},
		"lost and tainted, silent":             {newNode(confirmed, tainted), silent("edge"), true},
		"lost and tainted, settling":           {newNode(confirmed, tainted), settling, true},
		"lost and tainted, established again":  {newNode(confirmed, tainted), up("edge"), false},
		"held, lacks it":                       {newNode(), lack("edge"), false},
		"existing, never confirmed, lacks it":  {newNode(untainted), lack("edge"), false},
		"lost and tainted, exempt, and silent": {newNode(confirmed, tainted, exempt), silent("edge"), false},
	} {
		t.Run(name, func(t *testing.T) {
			p := policy(releaseAfter(30 * time.Second))
			in := verdict.Input{Node: test.node, Policies: []verdict.Policy{p}, Routers: []verdict.Evidence{test.router}, Now: now}
			if got := verdict.Unpeered(in, p); got != test.want {
				t.Errorf("counts: %t, want %t", got, test.want)
			}
		})
	}
}
