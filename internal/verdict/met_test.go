package verdict_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/internal/verdict"
)

// TestMet holds for which policies the grace period begins anew: for each on its own, and for none before every router
// has been asked.
func TestMet(t *testing.T) {
	named := func(name string, change ...func(*verdict.Policy)) verdict.Policy {
		p := policy(change...)
		p.Name = name
		return p
	}
	policies := []verdict.Policy{named("one", needs(intstr.FromInt32(1))), named("all")}
	for name, test := range map[string]struct {
		routers []verdict.Evidence
		want    []string
	}{
		"both are up":                {[]verdict.Evidence{up("a"), up("b")}, []string{"one", "all"}},
		"one is up, one lacks it":    {[]verdict.Evidence{up("a"), lack("b")}, []string{"one"}},
		"one is silent":              {[]verdict.Evidence{silent("a"), lack("b")}, []string{"one"}},
		"both lack it":               {[]verdict.Evidence{lack("a"), lack("b")}, nil},
		"one is up, one not asked":   {[]verdict.Evidence{up("a"), {Router: "b"}}, nil},
		"one has only just come up":  {[]verdict.Evidence{asked("a", 0, established(time.Nanosecond)), lack("b")}, []string{"one"}},
		"both are silent for a time": {[]verdict.Evidence{silent("a"), silent("b")}, []string{"one", "all"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := verdict.Decide(verdict.Input{Node: newNode(confirmed), Policies: policies, Routers: test.routers, Now: now})
			if diff := cmp.Diff(test.want, d.Met); diff != "" {
				t.Errorf("met (-want +got):\n%s", diff)
			}
		})
	}
}
