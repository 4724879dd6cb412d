// Package nxos reads BGP sessions from Cisco NX-OS, through the JSON of its command line.
//
// One poll is one command, "show bgp all summary vrf all | json": every neighbor of every VRF under each address family
// that it is activated in, with NX-OS's own count of them. A second, in text, adds what only the long form of neighbors
// says. It is asked for a VRF in which a neighbor is down, for the reason; or is up in several families of which one
// brought no prefix, for those that were agreed on; or is up and link-local, for the router ID that it is known by. What
// cannot change while a session is up is asked for once. It is a courtesy: an account that may not run it only loses
// those.
//
// A prefix from which neighbors are taken is counted among those that are configured, but releases 9 and 10 list only the
// neighbors that it admitted. So listen ranges are not seen, and the count alone does not prove the table whole; see
// checkWhole. Nor is the template seen that a neighbor inherits from.
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
	// VRF is the one VRF of which it is wanted why neighbors are down, and which families the others agreed on; "" and "*"
	// are all. Sessions are always read from every VRF, because NX-OS shows them in one answer.
	VRF string
}

type client struct {
	runner  routerclient.Runner
	options Options
	// memory is of the last poll.
	memory memory
}

// New returns a client that asks NX-OS through runner.
func New(runner routerclient.Runner, options Options) routerclient.Client {
	return &client{runner: runner, options: options}
}

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	began := time.Now()
	out, err := c.runner.Run(ctx, showSummary)
	if err != nil {
		return nil, err
	}
	t, err := parseSummary(out)
	if err != nil {
		return nil, err
	}
	c.memory.recall(t)
	c.readDetails(ctx, t)
	c.memory = memory{since: began, sessions: t.remembered}
	return t.snapshot(), nil
}

// maxDetails bounds how many VRFs one poll asks for what only the long form of their neighbors says.
const maxDetails = 4

// readDetails has half the time that is left, so that a router that is slow over it still gives its snapshot in time.
func (c *client) readDetails(ctx context.Context, t *table) {
	if deadline, set := ctx.Deadline(); set {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	asked := map[string]bool{}
	for i := range t.sessions {
		s := &t.sessions[i]
		vrf := s.VRF
		needed := needsReason(s) || needsFamilies(s) || needsRouterID(s)
		if !needed || asked[vrf] || !c.wanted(vrf) || !canBeAsked(vrf) {
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
