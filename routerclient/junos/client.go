// Package junos reads BGP sessions from Juniper routers and switches through the XML form of their operational commands.
//
// One poll is two commands. "show bgp summary" has the number of neighbors and how long each has been up; "show bgp
// neighbor" has the routing instance, the peer group, the shutdown and the last error. Both are needed: only the first
// can be told to be whole, and only the second tells apart two instances with the same neighbor. Neighbors are at some
// 4 KiB each in the second, so that about 4,000 of them fit into what the SSH transport accepts of one answer.
//
// A routing instance is a VRF here; "master" is the default one. Logical systems other than the main one are not read.
// A neighbor that an "allow" statement admitted is Dynamic. The statements themselves are configuration, which an
// account for monitoring cannot see, so there are no listen ranges: a node inside one that has not connected reads as
// not configured.
//
// Not run on hardware. The format is known from recordings of Junos 12.2 to 18.3 and from Juniper's CLI reference
// ("show bgp neighbor", "show bgp summary"); before 13.3 the routing instance is not in it, and every neighbor counts
// as the default VRF's. Not known from a recording: the words for a refused command.
package junos

import (
	"context"

	"github.com/peergate/peergate/routerclient"
)

// The commands, as a person may type them. "no-more" switches paging off for the one command.
const (
	showSummary   = "show bgp summary | display xml | no-more"
	showNeighbors = "show bgp neighbor | display xml | no-more"
)

type client struct {
	runner routerclient.Runner
}

// New returns a client that asks Junos through runner.
func New(runner routerclient.Runner) routerclient.Client { return &client{runner: runner} }

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	out, err := c.runner.Run(ctx, showSummary)
	if err != nil {
		return nil, err
	}
	summary, err := parseSummary(out)
	if err != nil {
		return nil, err
	}
	if out, err = c.runner.Run(ctx, showNeighbors); err != nil {
		return nil, err
	}
	neighbors, err := parseNeighbors(out, summary)
	if err != nil {
		return nil, err
	}
	return snapshot(neighbors, summary), nil
}
