// Command kubectl-peergate is Peergate's command for operators: kubectl peergate.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/peergate/peergate/internal/terminal"
)

// version is set by the linker.
var version = "devel"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newCommand().ExecuteContext(ctx)
	stop()
	if err != nil && !errors.Is(err, errNoAnswer) && !errors.Is(err, errNeedsPerson) {
		fmt.Fprintln(os.Stderr, "error:", terminal.Clean(err.Error()))
	}
	os.Exit(exitCode(err))
}

// exitCodes is the part of a command's help that is about them.
const exitCodes = "Exits with 0 if all is well, 1 after an error, and 2 if something needs a person."

// errNeedsPerson is returned when something needs a person, which is printed already.
var errNeedsPerson = errors.New("something needs a person")

func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errNeedsPerson):
		return 2
	default:
		return 1
	}
}

// one is for a command about one object.
func one(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return fmt.Errorf("%d arguments where one %s is wanted: %s", len(args), what, cmd.UseLine())
	}
}

func newCommand() *cobra.Command {
	// What the libraries log would be written into the live view; an error that matters is returned as one.
	log.SetLogger(logr.Discard())
	root := &cobra.Command{
		Use:   "kubectl-peergate",
		Short: "See which nodes the BGP routers know, and what the others lack.",
		Long: "See which nodes the BGP routers know, and what the others lack.\n\n" + exitCodes + "\n\n" +
			"What is read takes no more than ClusterRole peergate-cli, which holds no right to read Secrets.",
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl peergate"},
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w: %s --help lists the flags", err, cmd.CommandPath())
	})
	root.AddCommand(newStatus())
	root.AddCommand(newExplain())
	root.AddCommand(newRouters())
	root.AddCommand(newExempt())
	root.AddCommand(newDoctor())
	root.AddCommand(newProbe())
	root.AddCommand(newFix())
	root.AddCommand(newUninstall())
	root.AddCommand(newVersion())
	return root
}
