// Package frr_test tells the whole story with nothing scripted: FRR behind OpenSSH, asked by the account that may only
// read, and real speakers on the nodes. It needs what package lab needs.
package frr_test

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
