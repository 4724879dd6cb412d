// Package badrouter_test proves what becomes of the nodes while a router gives no usable answer: nothing. The reason is
// told, and once the cause is mended the gate works again without a restart.
package badrouter_test

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
	// At its most talkative, the log must not hold a secret either.
	options := install.Options{Args: []string{"--log-level=debug"}}
	os.Exit(story.Main(m, options, func(s *story.Suite) { suite = s }))
}
