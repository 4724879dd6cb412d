// Command build-controlplane builds the control plane of the end-to-end tests and the demo into bin/.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/peergate/peergate/e2e/controlplane/build"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if _, err := build.All(ctx, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
