package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/internal/report"
)

const statusExample = `  # What needs a person, and how nodes, policies and routers are
  kubectl peergate status

  # Every node besides
  kubectl peergate status -o wide

  # In a script: the names of what needs a person
  kubectl peergate status -o name`

func newStatus() *cobra.Command {
	p := &pager{formats: []string{report.FormatWide, report.FormatJSON, report.FormatYAML, report.FormatName}}
	p.gather = func(ctx context.Context, reader client.Reader, now func() time.Time) (page, error) {
		c, err := p.report(ctx, reader)
		if err != nil {
			return nil, err
		}
		return c.Status(now()), nil
	}
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Show what needs a person, and how nodes, policies and routers are.",
		Long:    "Show what needs a person, and how nodes, policies and routers are.\n\n" + exitCodes,
		Example: statusExample,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.run(cmd) },
	}
	p.addTo(cmd)
	return cmd
}

// report gathers what the reports are made of.
func (c *cluster) report(ctx context.Context, reader client.Reader) (report.Cluster, error) {
	own, err := c.ownTaint(ctx, reader)
	if err != nil {
		return report.Cluster{}, err
	}
	return report.Gather(ctx, reader, c.namespace, own)
}
