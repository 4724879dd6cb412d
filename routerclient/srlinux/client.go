// Package srlinux reads BGP sessions from Nokia SR Linux through the JSON form of its state datastore.
//
// One poll is one command, "info with-context from state network-instance * protocols bgp", which has the neighbors of
// every network instance, their number and the listen ranges; and a second for the router's clock where a session is up.
// SR Linux says since when it has been up, as a date, and only with the router's own clock does that become a length that
// a router without NTP cannot falsify. The second is a courtesy: without it uptimes are not known.
//
// Of older releases "info" always has the context, which is the path around what was asked for, and they do not know the
// word.
//
// A network instance is a VRF here. Policies that reject every route cannot be told from routes that are not there.
//
// Not run on hardware. The fields are known from recordings of gNMI and JSON-RPC answers that other projects took of
// releases up to 26; that the command line prints the same fields, with their path around them, from a recording of
// release 21 and from Nokia's documentation of release 26. Not verified at all: how a dynamic neighbor is marked.
package srlinux

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// What is asked for, in the words of a person.
const (
	bgp   = "network-instance * protocols bgp"
	clock = "system information current-datetime"
)

type client struct {
	runner routerclient.Runner
	// old is true for a release that does not know the word with-context.
	old bool
}

// New returns a client that asks SR Linux through runner.
func New(runner routerclient.Runner) routerclient.Client { return &client{runner: runner} }

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	out, err := c.info(ctx, bgp)
	if err == nil && !c.old && isUnknownToken(out) {
		c.old = true
		out, err = c.info(ctx, bgp)
	}
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
	out, err := c.info(ctx, clock)
	if err != nil {
		return time.Time{}
	}
	return parseClock(out)
}

func (c *client) info(ctx context.Context, what string) (routerclient.Output, error) {
	command := "info with-context from state "
	if c.old {
		command = "info from state "
	}
	return c.runner.Run(ctx, command+what+" | as json")
}

// isUnknownToken knows what the command line says of a word that it does not have where it was typed, before it lists
// those that it has. There may be a banner before it.
func isUnknownToken(out routerclient.Output) bool {
	const said, start = "Unknown token", 4096
	for _, stream := range [][]byte{out.Stdout, out.Stderr} {
		if bytes.Contains(bgptext.Clean(stream[:min(len(stream), start)]), []byte(said)) {
			return true
		}
	}
	return false
}
