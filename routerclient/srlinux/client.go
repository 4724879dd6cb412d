// Package srlinux reads BGP sessions from Nokia SR Linux through the JSON form of its state datastore.
//
// One poll is one command, "info from state network-instance * protocols bgp", which has the neighbors of every network
// instance, their number and the listen ranges; and a second for the router's clock where a session is up. SR Linux
// says since when it has been up, as a date, and only with the router's own clock does that become a length that a
// router without NTP cannot falsify. The second is a courtesy: without it uptimes are not known.
//
// A network instance is a VRF here. Policies that reject every route cannot be told from routes that are not there.
//
// Not run on hardware. The fields are known from recordings of gNMI and JSON-RPC answers that other projects took of
// releases up to 26; that the command line prints the same fields, with their path around them, from Nokia's
// documentation of "| as json". Not verified at all: how a dynamic neighbor is marked, and the name of the clock.
package srlinux

import (
	"context"
	"slices"
	"time"

	"github.com/peergate/peergate/routerclient"
)

// The commands, as a person may type them.
const (
	infoBGP   = "info from state network-instance * protocols bgp | as json"
	infoClock = "info from state system information current-datetime | as json"
)

type client struct {
	runner routerclient.Runner
}

// New returns a client that asks SR Linux through runner.
func New(runner routerclient.Runner) routerclient.Client { return &client{runner: runner} }

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	out, err := c.runner.Run(ctx, infoBGP)
	if err != nil {
		return nil, err
	}
	instances, err := parseBGP(out)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(instances, (*instance).hasSessionUp) {
		clock := c.clock(ctx)
		for _, i := range instances {
			i.setUptimes(clock)
		}
	}
	return snapshot(instances), nil
}

// clock returns the zero Time if the router does not tell. It has half the time that is left, so that a router that
// does not know the command still gives its snapshot in time.
func (c *client) clock(ctx context.Context) time.Time {
	if deadline, set := ctx.Deadline(); set {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	out, err := c.runner.Run(ctx, infoClock)
	if err != nil {
		return time.Time{}
	}
	return parseClock(out)
}
