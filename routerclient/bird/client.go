// Package bird reads BGP sessions from BIRD 2 and 3 through birdc, on plain Linux and BSD, and in the routers made of
// them.
//
// One poll is three commands. "show protocols all" has everything about a neighbor but ends without a count or an end
// mark; "show protocols", asked before, lists the names that it must hold; "show status" has the router ID, and the
// router's own clock, without which the times in the tables mean nothing. birdc's option -v shows the numbered replies
// of BIRD's control protocol, so that a description can neither be taken for a field nor hide one.
//
// BIRD does not show which template a protocol was made from, nor which protocols it spawned for a listen range: a
// session counts as dynamic if its address is in a range and its name ends in a number, as every spawned one's does. A
// spawned protocol is gone as soon as its session is, and so is the reason why.
//
// Verified on BIRD 2.0.12 and 3.1.8.
package bird

import (
	"context"
	"slices"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/posixsh"
)

const (
	showProtocols    = "show protocols"
	showProtocolsAll = "show protocols all"
	showStatus       = "show status"
)

// Options say how BIRD is reached on a router.
type Options struct {
	// CommandPrefix comes before birdc, one word an element: "sudo", "-n".
	CommandPrefix []string
}

type client struct {
	runner  routerclient.Runner
	options Options
}

// New returns a client that asks BIRD through runner.
func New(runner routerclient.Runner, options Options) routerclient.Client {
	return &client{runner: runner, options: options}
}

func (c *client) Close() error { return c.runner.Close() }

// Snapshot asks for the status last: a session that came up after the router told its time would seem to be a day old
// where BIRD shows times without dates.
func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	out, err := c.run(ctx, showProtocols)
	if err != nil {
		return nil, err
	}
	names, err := parseNames(out)
	if err != nil {
		return nil, err
	}
	if out, err = c.run(ctx, showProtocolsAll); err != nil {
		return nil, err
	}
	protocols, err := parseProtocols(out, names)
	if err != nil {
		return nil, err
	}
	if out, err = c.run(ctx, showStatus); err != nil {
		return nil, err
	}
	return snapshot(protocols, parseStatus(out)), nil
}

func (c *client) run(ctx context.Context, show string) (routerclient.Output, error) {
	return c.runner.Run(ctx, command(c.options.CommandPrefix, show))
}

// command returns the command line that asks birdc one question, with no right to change anything (-r).
func command(prefix []string, show string) string {
	return posixsh.Join(append(slices.Clone(prefix), "birdc", "-r", "-v")...) + " " + show
}
