package main

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/utils/clock"

	"github.com/peergate/peergate/internal/doctor"
	"github.com/peergate/peergate/internal/report"
	"github.com/peergate/peergate/internal/terminal"
)

const doctorExample = `  # Everything
  kubectl peergate doctor

  # What is fine too
  kubectl peergate doctor -o wide

  # Some checks alone
  kubectl peergate doctor certificate reachability`

func newDoctor() *cobra.Command {
	var c cluster
	var output string
	formats := []string{report.FormatWide, report.FormatJSON, report.FormatYAML, report.FormatName}
	cmd := &cobra.Command{
		Use:   "doctor [CHECK...]",
		Short: "Look for what is wrong with the installation, and with what it depends on.",
		Long: "Look for what is wrong with the installation, and with what it depends on. A check that cannot be made says\n" +
			"which right is missing. Nothing is changed: one check creates a Node, in a dry run.\n\n" +
			"Exits with 0 if there is no problem, 1 after an error, and 2 if there is one. Warnings are no problems.\n\n" +
			"The checks are " + strings.Join(doctor.Names(), ", ") + ".",
		Example:   doctorExample,
		ValidArgs: doctor.Names(),
		Args:      cobra.OnlyValidArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(output, formats); err != nil {
				return err
			}
			source, err := c.source(cmd.Context())
			if err != nil {
				return err
			}
			return examine(cmd, source, args, output)
		},
	}
	c.addTo(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", strings.Join(formats, ", "))
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)) // it fails for a flag that is not there
	return cmd
}

// source is where the doctor gathers facts.
func (c *cluster) source(ctx context.Context) (doctor.Source, error) {
	config, err := c.config()
	if err != nil {
		return doctor.Source{}, err
	}
	cl, err := newClient(config)
	if err != nil {
		return doctor.Source{}, err
	}
	own, err := c.ownTaint(ctx, cl)
	if err != nil {
		return doctor.Source{}, err
	}
	return doctor.Source{Client: cl, Config: config, Clock: clock.RealClock{}, Namespace: c.namespace, Taint: own}, nil
}

// gatherTimeout is for all questions to the API server together.
const gatherTimeout = time.Minute

func examine(cmd *cobra.Command, source doctor.Source, names []string, format string) error {
	ctx, cancel := context.WithTimeout(cmd.Context(), gatherTimeout)
	defer cancel()
	facts := source.Gather(ctx)
	if _, err := facts.Server.Get(); err != nil {
		return err // nothing else can be known either
	}
	found := doctor.Examine(facts, names...)
	view := report.View{Format: format, Style: terminal.StyleFor(cmd.OutOrStdout(), os.Getenv), Now: source.Clock.Now()}
	if err := printed(cmd.OutOrStdout(), found, view); err != nil {
		return err
	}
	if !found.Healthy() {
		return errNeedsPerson
	}
	return nil
}
