// Package eos reads BGP sessions from Arista EOS, through the JSON of its command line.
//
// One poll is two commands, the summaries of IPv4 and of IPv6 in all VRFs. They hold every neighbor that is activated
// in one of the two families, with its state, and "Admin" for one that was shut down. JSON that ends before its last
// brace is no JSON, so that a table cut short cannot pass for a whole one; the router shows no count to check beside.
// "show ip bgp neighbors vrf all" would hold everything at once, but takes 6 KiB a neighbor, of which a poll every
// second is no small load for a switch.
//
// A few neighbors are therefore asked for one by one, as a courtesy that may fail: those that are down, for the reason,
// and one that is up, for its peer group and the router's clock. The summary dates sessions by that clock, which is wrong on a switch
// without NTP; only the long form says how long a session has been up.
//
// A third command, as much a courtesy, tells which families the sessions agreed on. It is run while a session is in both
// summaries and has brought no prefix in one of them.
//
// Not seen: listen ranges, which EOS shows in text without a count or an end, and which of the neighbors they admitted.
// A node inside a range that has not connected is said not to be configured, rather than not connected.
//
// Checked against recordings and other projects' test data only, not run on hardware.
package eos

import (
	"context"
	"slices"
	"time"

	"github.com/peergate/peergate/routerclient"
)

// Options say what is wanted of a router.
type Options struct {
	// VRF is the one VRF of which it is wanted why neighbors are down, and which families the others agreed on; "" and "*"
	// are all. Sessions are always read from every VRF, because EOS shows them in one answer.
	VRF string
}

type client struct {
	runner  routerclient.Runner
	options Options
}

// New returns a client that asks EOS through runner.
func New(runner routerclient.Runner, options Options) routerclient.Client {
	return &client{runner: runner, options: options}
}

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	t := &table{instances: map[string]*instance{}}
	for _, summary := range summaries {
		out, err := c.runner.Run(ctx, summary.command)
		if err != nil {
			return nil, err
		}
		if err := t.read(out, summary.afi); err != nil {
			return nil, err
		}
	}
	c.readDetails(ctx, t)
	return t.snapshot(), nil
}

// maxDetails bounds how many neighbors one poll asks for the reason they are down.
const maxDetails = 8

// readDetails adds what the summaries do not show. It has half the time that is left, so that a router
// that is slow over it still gives its snapshot in time.
func (c *client) readDetails(ctx context.Context, t *table) {
	if deadline, set := ctx.Deadline(); set {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	if n := t.clock(); n != nil {
		if long, ok := c.longForm(ctx, n); ok {
			n.addDetail(long)
			t.setUptimes(long.now(n))
		}
	}
	if slices.ContainsFunc(t.neighbors, func(n *neighbor) bool { return n.needsFamilies() && c.wanted(n) }) {
		if out, err := c.runner.Run(ctx, showFamilies); err == nil {
			t.addFamilies(out)
		}
	}
	asked := 0
	for _, n := range t.neighbors {
		if !n.needsReason() || !c.wanted(n) {
			continue
		}
		if asked++; asked > maxDetails {
			return
		}
		if long, ok := c.longForm(ctx, n); ok {
			n.addDetail(long)
		}
	}
}

func (c *client) longForm(ctx context.Context, n *neighbor) (longForm, bool) {
	out, err := c.runner.Run(ctx, showNeighbor(n))
	if err != nil {
		return longForm{}, false
	}
	return parseLongForm(out, n)
}

func (c *client) wanted(n *neighbor) bool {
	return c.options.VRF == "" || c.options.VRF == "*" || c.options.VRF == n.session.VRF
}
