// Package edgeos reads BGP sessions from Ubiquiti EdgeRouters, whose BGP is IP Infusion's ZebOS behind Vyatta's command
// line. EdgeOS has no VRFs, no listen ranges and no structured output.
//
// One poll is two commands, the summaries of IPv4 and IPv6. "show ip bgp neighbors" would give the reason why a session
// is down, but it has no count and no end mark, so an answer cut short could not be told from a whole one; and each
// command costs an EdgeRouter, on its small MIPS cores, much of a second. So reasons are not read.
//
// Known from recordings and other projects' tests of EdgeOS 2.0: the table, the counting line, the glued column, empty
// output without BGP. Not verified on hardware: EdgeOS 3; the name of the IPv6 command in Vyatta's tree (where it is
// refused as invalid, IPv6 prefix counts are missing, nothing else); what it prints without an IPv6 neighbor (nothing, a
// count of none and "No IPv6 neighbor is configured" are understood); what is printed if "no-ipv4-unicast" takes IPv6
// neighbors out of the IPv4 summary.
package edgeos

import (
	"context"
	"fmt"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/zebos"
)

// Options say how the router's command line is reached.
type Options struct {
	// CommandPrefix comes before Vyatta's wrapper, one word an element: "sudo", "-n".
	CommandPrefix []string
}

type client struct {
	runner  routerclient.Runner
	options Options
}

// New returns a client that asks EdgeOS through runner.
func New(runner routerclient.Runner, options Options) routerclient.Client {
	return &client{runner: runner, options: options}
}

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	ipv4, err := c.summary(ctx, showIPv4)
	if err != nil {
		return nil, err
	}
	if ipv4 == nil {
		return nil, routerclient.Errorf(routerclient.ReasonBGPNotRunning,
			"reading the IPv4 summary: the router printed nothing, as EdgeOS does without BGP; check \"show configuration commands | grep bgp\" there")
	}
	ipv6, err := c.summary(ctx, showIPv6)
	if err != nil {
		return nil, err
	}
	return zebos.Merge(ipv4, ipv6), nil
}

// summary returns nil if the router printed nothing, or has no such command.
func (c *client) summary(ctx context.Context, show showCommand) (*zebos.Summary, error) {
	out, err := c.runner.Run(ctx, c.command(show))
	if err != nil {
		return nil, err
	}
	summary, err := parse(out, show)
	if err != nil {
		return nil, fmt.Errorf("reading the %s summary: %w", show.afi, err)
	}
	return summary, nil
}
