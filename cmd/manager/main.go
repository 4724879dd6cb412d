// Command manager runs Peergate's webhooks, and on the leader its controllers.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/peergate/peergate/internal/options"
)

// version is set by the linker.
var version = "devel"

func main() {
	o, err := options.Parse("manager", os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(ctrl.SetupSignalHandler(), o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "manager:", err)
		os.Exit(1)
	}
}
