// Command kubectl-peergate is Peergate's command for operators: kubectl peergate.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		if !errors.Is(err, errNoAnswer) {
			fmt.Fprintln(os.Stderr, "error:", err)
		}
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "kubectl-peergate",
		Short:         "See which nodes the BGP routers know.",
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl peergate"},
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newProbe())
	return root
}
