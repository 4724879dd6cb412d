package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/internal/report"
)

const explainExample = `  # Why is this node held, what to type on which router, and what happens then
  kubectl peergate explain leviathan3

  # Watch it open
  kubectl peergate explain leviathan3 --watch`

func newExplain() *cobra.Command {
	p := &pager{formats: []string{report.FormatJSON, report.FormatYAML}}
	var node string
	p.gather = func(ctx context.Context, reader client.Reader, now func() time.Time) (page, error) {
		c, err := p.report(ctx, reader)
		if err != nil {
			return nil, err
		}
		return explain(ctx, reader, c, node, now())
	}
	cmd := &cobra.Command{
		Use:   "explain NODE",
		Short: "Say why a node is as it is, what is missing, and what happens next.",
		Long: "Say why a node is as it is: what each policy wants, what each router said and when, what is missing and the\n" +
			"lines to type, and what happens next.\n\n" + exitCodes,
		Example:           explainExample,
		Args:              one("NODE"),
		ValidArgsFunction: p.complete(corev1.SchemeGroupVersion.WithKind("NodeList")),
		RunE: func(cmd *cobra.Command, args []string) error {
			node = args[0]
			return p.run(cmd)
		},
	}
	p.addTo(cmd)
	return cmd
}

// explain leaves out the Events, and says why, where they may not be read.
func explain(ctx context.Context, reader client.Reader, c report.Cluster, node string, now time.Time) (page, error) {
	events, unknown := report.EventsOf(ctx, reader, node)
	e, ok := c.Explain(node, events, now)
	if !ok {
		return nil, fmt.Errorf("there is no node %q", node)
	}
	if unknown != nil {
		e.EventsUnknown = unknown.Error()
	}
	return e, nil
}
