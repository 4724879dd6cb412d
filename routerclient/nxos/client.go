// Package nxos reads BGP sessions from Cisco NX-OS, through the JSON of its command line.
//
// One poll is one command, "show bgp all summary vrf all | json": every neighbor of every VRF under each address family
// that it is activated in, with NX-OS's own count of them. A second, in text, adds the reasons and the router IDs of a
// VRF in which a neighbor is down. It is a courtesy: an account that may not run it only loses those.
//
// A neighbor that is configured as a prefix is a listen range. Which neighbors a range admitted is not known to be in
// the JSON, so none is reported as dynamic; nor is the template that a neighbor inherits from.
//
// Checked against recordings and other projects' test data only, not run on hardware.
package nxos

import (
	"context"
	"time"

	"github.com/peergate/peergate/routerclient"
)

// Options say what is wanted of a router.
type Options struct {
	// VRF is the one VRF of which the reasons of neighbors that are down are wanted; "" and "*" are all. Sessions are
	// always read from every VRF, because NX-OS shows them in one answer.
	VRF string
}

type client struct {
	runner  routerclient.Runner
	options Options
}

// New returns a client that asks NX-OS through runner.
func New(runner routerclient.Runner, options Options) routerclient.Client {
	return &client{runner: runner, options: options}
}

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	out, err := c.runner.Run(ctx, showSummary)
	if err != nil {
		return nil, err
	}
	t, err := parseSummary(out)
	if err != nil {
		return nil, err
	}
	c.readDetails(ctx, t)
	return t.snapshot(), nil
}

// maxDetails bounds how many VRFs one poll asks for the reasons of neighbors that are down.
const maxDetails = 4

// readDetails has half the time that is left, so that a router that is slow over it still gives its snapshot in time.
func (c *client) readDetails(ctx context.Context, t *table) {
	if deadline, set := ctx.Deadline(); set {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	asked := map[string]bool{}
	for _, n := range t.neighbors {
		vrf := n.session.VRF
		if asked[vrf] || !n.needsReason() || !c.wanted(vrf) || !canBeAsked(vrf) {
			continue
		}
		if len(asked) == maxDetails {
			return
		}
		asked[vrf] = true
		if out, err := c.runner.Run(ctx, showNeighbors(vrf)); err == nil {
			t.addDetails(vrf, out)
		}
	}
}

func (c *client) wanted(vrf string) bool {
	return c.options.VRF == "" || c.options.VRF == "*" || c.options.VRF == vrf
}
