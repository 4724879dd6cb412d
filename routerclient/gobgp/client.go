// Package gobgp reads BGP sessions from GoBGP 3 and 4 through the command gobgp, wherever gobgpd runs on its own.
//
// One poll is three commands. "gobgp -j global" tells whether BGP is configured, "gobgp -j neighbor" has the neighbors,
// whole if the JSON is, and "gobgp neighbor" says in words what the JSON says in numbers that changed between versions
// 3 and 4 (why a neighbor is held Idle), or by the router's own clock (how long a session has been up).
//
// Of an Established session the families are those that both sides announced, as gobgpd itself reckons.
//
// gobgp shows no dynamic-neighbors: gobgpd has their prefixes, and the command no way to ask. A node inside one that has
// not connected is therefore said not to be configured. Version 3 shows no reason why a session is down either.
//
// The commands gobgp and gobgpd must be of the same major version: their protocols are not compatible.
//
// Verified on GoBGP 3.10 and 4.8.
package gobgp

import (
	"context"
	"slices"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// Options say how GoBGP is reached on a router.
type Options struct {
	// CommandPrefix comes before gobgp, one word an element: "sudo", "-n".
	CommandPrefix []string
}

type client struct {
	runner  routerclient.Runner
	options Options
}

// New returns a client that asks GoBGP through runner.
func New(runner routerclient.Runner, options Options) routerclient.Client {
	return &client{runner: runner, options: options}
}

func (c *client) Close() error { return c.runner.Close() }

// Snapshot asks for the table after the JSON, so that a session of which the table knows how long it is up was up then.
func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	out, err := c.run(ctx, "-j", "global")
	if err != nil {
		return nil, err
	}
	s, err := parseGlobal(out)
	if err != nil {
		return nil, err
	}
	if out, err = c.run(ctx, "-j", "neighbor"); err != nil {
		return nil, err
	}
	neighbors, err := parsePeers(out)
	if err != nil {
		return nil, err
	}
	if out, err = c.run(ctx, "neighbor"); err != nil {
		return nil, err
	}
	rows, err := parseTable(out, len(neighbors))
	if err != nil {
		return nil, err
	}
	s.Sessions, err = sessions(neighbors, rows)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (c *client) run(ctx context.Context, args ...string) (routerclient.Output, error) {
	argv := slices.Concat(c.options.CommandPrefix, []string{"gobgp"}, args)
	return c.runner.Run(ctx, posixsh.Join(argv...))
}
