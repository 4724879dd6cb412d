// Command manager runs Peergate's webhooks, and on the leader its controllers.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/peergate/peergate/internal/logging"
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
		err = logging.Install(logging.New(os.Stderr, o.LogLevel))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "manager:", err)
		os.Exit(1)
	}
	if err := run(ctrl.SetupSignalHandler(), o); err != nil {
		ctrl.Log.Error(err, "Ending")
		os.Exit(1)
	}
}
