// Package speaker_test shows the speaker deadlock with MetalLB as it is shipped, the real scheduler and the real
// DaemonSet controller, and each way out of it. MetalLB's images do not run here: where a pod that would hold the node's
// session is running, as far as the API server can see, a live BGP speaker is started in its place.
package speaker_test

import (
	"os"
	"testing"

	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

var suite *story.Suite

func TestMain(m *testing.M) {
	os.Exit(story.Main(m, install.Options{}, func(s *story.Suite) { suite = s }))
}
