// Package bmp_test proves what Peergate makes of routers that tell of their sessions by themselves: FRR and GoBGP, live,
// and senders of every kind of nonsense.
package bmp_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/peergate/peergate/e2e/controlplane/freeport"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

var suite *story.Suite

// port is where the manager that leads listens.
var port uint16

// Where the Service is to lead: what a kubelet tells a pod of itself.
const (
	podIP    = "198.51.100.7"
	nodeName = "leviathan1"
)

func TestMain(m *testing.M) {
	free, err := freeport.Loopback()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	port = free.Port()
	os.Setenv("POD_IP", podIP)
	os.Setenv("NODE_NAME", nodeName)
	os.Exit(story.Main(m, install.Options{
		Overlay: "testdata/bmp",
		Args:    []string{fmt.Sprintf("--bmp-bind-address=:%d", port), "--bmp-service=peergate-bmp"},
	}, func(s *story.Suite) { suite = s }))
}
