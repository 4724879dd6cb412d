// Package opnsense reads BGP sessions from OPNsense's plugin os-frr over its REST API, which hands out the JSON of
// FRRouting. The credentials are an API key, as username, and its secret, as password.
//
// One poll is one request, and a second for the reasons of neighbors that are down. The second is a courtesy: an account
// that may not make it only loses the reasons. OPNsense has no VRFs, and its API shows no listen ranges; a plugin in
// manual configuration mode may have some, and a node inside one is then said not to be configured, rather than not
// connected.
//
// OPNsense turns an empty answer of FRR, no answer, and a refused one into the same empty list. So BGP without a single
// neighbor cannot be told from no BGP, and is reported as the latter.
//
// Not run on OPNsense. Known from the plugin's source: the paths, the wrapping and what becomes of empty objects. The
// JSON inside is that of an FRR that was run.
package opnsense

import (
	"context"
	"time"

	"github.com/peergate/peergate/routerclient"
)

const (
	getSummary   = "GET /api/quagga/diagnostics/bgpsummary"
	getNeighbors = "GET /api/quagga/diagnostics/bgpneighbors"
)

// maxDetailed bounds the tables whose reasons are asked for. FRR says some 4 KiB about each neighbor, down or not.
const maxDetailed = 500

type client struct{ runner routerclient.Runner }

// New returns a client that asks OPNsense through runner.
func New(runner routerclient.Runner) routerclient.Client { return &client{runner: runner} }

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	out, err := c.runner.Run(ctx, getSummary)
	if err != nil {
		return nil, err
	}
	table, err := parseSummary(out)
	if err != nil {
		return nil, err
	}
	if table.NeedsDetails() && table.Len() <= maxDetailed {
		if out, err := c.runNeighbors(ctx); err == nil {
			addDetails(table, out)
		}
	}
	return table.Snapshot(), nil
}

// runNeighbors has half the time that is left, so that a router that is slow over it still gives its snapshot in time.
func (c *client) runNeighbors(ctx context.Context) (routerclient.Output, error) {
	if deadline, set := ctx.Deadline(); set {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	return c.runner.Run(ctx, getNeighbors)
}
