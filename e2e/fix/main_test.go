// Package fix_test has the command "kubectl peergate fix" add nodes to real routers, FRR and GoBGP behind OpenSSH, with
// an operator's own account there, and no more rights in the cluster than to read. It needs what package lab needs.
package fix_test

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
