// Package openbgpd reads BGP sessions from OpenBGPD 7 and later, on OpenBSD and in its portable edition, through
// bgpctl's JSON.
//
// One poll is one command, "bgpctl -j show neighbor": the JSON of "show summary" has no prefix counts and shows a
// template for a range of neighbors as one that is Active. The answer is whole if the JSON is; bgpctl gives no count.
//
// OpenBGPD runs once for each routing domain, so it has no VRFs in the sense of this module. It shows neither its own
// AS number nor its router ID here, nor whether a neighbor's routes pass the filters. It counts a neighbor's prefixes in
// all address families together.
//
// Verified on the portable edition, 7.7 and 8.8. OpenBSD itself was not run.
package openbgpd

import (
	"context"
	"slices"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// Options say how OpenBGPD is reached on a router.
type Options struct {
	// CommandPrefix comes before bgpctl, one word an element: "doas", "-n".
	CommandPrefix []string
}

type client struct {
	runner  routerclient.Runner
	command string
}

// New returns a client that asks OpenBGPD through runner.
func New(runner routerclient.Runner, options Options) routerclient.Client {
	argv := append(slices.Clone(options.CommandPrefix), "bgpctl", "-j", "show", "neighbor")
	return &client{runner: runner, command: posixsh.Join(argv...)}
}

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	out, err := c.runner.Run(ctx, c.command)
	if err != nil {
		return nil, err
	}
	return parse(out)
}
