package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/report"
)

const routersExample = `  # Is each router answering, with how many sessions, for how many nodes
  kubectl peergate routers

  # One of them, with its AS number and its neighbors that are no node
  kubectl peergate routers edge -o wide`

func newRouters() *cobra.Command {
	p := &pager{formats: []string{report.FormatWide, report.FormatJSON, report.FormatYAML, report.FormatName}}
	var names []string
	p.gather = func(ctx context.Context, reader client.Reader, _ func() time.Time) (page, error) {
		c, err := p.report(ctx, reader)
		if err != nil {
			return nil, err
		}
		routers, missing := c.RouterReport(names)
		if missing != "" {
			return nil, fmt.Errorf("there is no BGPRouter %q", missing)
		}
		return routers, nil
	}
	cmd := &cobra.Command{
		Use:               "routers [ROUTER]",
		Short:             "Show whether the routers answer, and with what.",
		Long:              "Show whether the routers answer, and with what.\n\n" + exitCodes,
		Example:           routersExample,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: p.complete(v1alpha1.GroupVersion.WithKind("BGPRouterList")),
		RunE: func(cmd *cobra.Command, args []string) error {
			names = args
			return p.run(cmd)
		},
	}
	p.addTo(cmd)
	return cmd
}
