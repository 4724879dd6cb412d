// Package outage_test proves what becomes of nodes while something is away: the API server, the leader, the webhooks,
// the certificate, or the whole of Peergate for good.
package outage_test

import (
	"os"
	"testing"

	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

var (
	// between is what the replicas of suite have between them and the API server.
	between relay
	suite   *story.Suite
)

func TestMain(m *testing.M) {
	os.Exit(story.Main(m, install.Options{Via: between.via}, func(s *story.Suite) { suite = s }))
}
