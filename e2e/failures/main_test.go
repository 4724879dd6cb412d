// Package failures_test proves what becomes of nodes when something is not as it was: a router is replaced, rebooted or
// moved away, a node comes back as another, a person edits what Peergate is told, every replica restarts. Each story
// has the outcome that docs/operations.md states, and looks at every state of its nodes on the way there.
//
// Routers that give no answer are in package badrouter, an API server or a leader that is gone in package outage,
// others who write the same taints in package gate.
package failures_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

var suite *story.Suite

// parallel is how many tests run at once: they wait for polls and for answers to grow stale, and compute little.
const parallel = "32"

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", parallel); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(story.Main(m, install.Options{}, func(s *story.Suite) { suite = s }))
}
