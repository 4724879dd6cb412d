package story

import (
	"os"
	"testing"

	"github.com/peergate/peergate/e2e/controlplane"
	"github.com/peergate/peergate/e2e/install"
)

// Own starts a Suite for one test alone: one that takes away what other tests stand on. It ends with the test; its logs
// stay if the test fails.
func Own(t testing.TB, o install.Options) *Suite {
	t.Helper()
	logs, err := os.MkdirTemp("", "peergate-story-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("the logs of this test are in ", logs)
			return
		}
		_ = os.RemoveAll(logs)
	})
	cluster, err := controlplane.Start(t.Context(), controlplane.Options{LogDir: logs, Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	o.LogDir, o.Progress = logs, os.Stderr
	suite, err := start(t.Context(), cluster, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := suite.Peergate.Stop(); err != nil {
			t.Error(err)
		}
	})
	return suite
}
