// Package gate_test proves the gate against a real control plane, under the shipped RBAC and with the shipped webhooks.
package gate_test

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
