// Package iosxr reads BGP sessions from Cisco IOS XR, through the text of its command line. XR has structured output for
// NETCONF and gNMI only.
//
// XR ends the TCP connection after one command. One poll is two commands, and a third where neighbors are in VRFs:
//
//   - "show bgp process detail" counts the configured and the Established neighbors, those of the default VRF apart from
//     all others;
//   - "show bgp neighbors", cut down on the router to the lines that matter, holds those of the default VRF;
//   - "show bgp vrf all neighbors" holds the others.
//
// The neighbors are held against the counts. A session that comes up between two commands may make the answer count as
// truncated, until the next poll. A neighbor without its last line is damage too.
//
// Not seen: dynamic neighbor ranges, and the neighbor-group of a neighbor. Only the default BGP instance is read.
//
// Checked against other projects' test data only, not run on hardware. What XR prints of a neighbor that was shut down
// or lacks a policy is known from documents, not from recordings.
package iosxr

import (
	"context"
	"fmt"

	"github.com/peergate/peergate/routerclient"
)

// Options say what is wanted of a router.
type Options struct {
	// VRF is the one VRF whose sessions are wanted; "" and "*" are all. Only the default VRF is read if that is the one.
	VRF string
}

type client struct {
	runner  routerclient.Runner
	options Options
}

// New returns a client that asks IOS XR through runner.
func New(runner routerclient.Runner, options Options) routerclient.Client {
	return &client{runner: runner, options: options}
}

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	out, err := c.runner.Run(ctx, showProcess)
	if err != nil {
		return nil, err
	}
	p, err := parseProcess(out)
	if err != nil {
		return nil, fmt.Errorf("reading the BGP process: %w", err)
	}
	s := &routerclient.Snapshot{RouterID: p.routerID, LocalASN: p.localASN}
	if s.Sessions, err = c.readNeighbors(ctx, showNeighbors, p.defaultVRF, inDefaultVRF); err != nil {
		return nil, err
	}
	if c.options.VRF == routerclient.DefaultVRF {
		return s, nil
	}
	others, err := c.readNeighbors(ctx, showVRFNeighbors, p.otherVRFs, inOtherVRF)
	if err != nil {
		return nil, err
	}
	s.Sessions = append(s.Sessions, others...)
	return s, nil
}

// readNeighbors saves the command, and with it a connection, if the router counts no neighbors.
func (c *client) readNeighbors(ctx context.Context, command string, n count, holds func(*routerclient.Session) bool) ([]routerclient.Session, error) {
	if n.configured == 0 {
		return nil, nil
	}
	out, err := c.runner.Run(ctx, command)
	if err != nil {
		return nil, err
	}
	sessions, err := parseNeighbors(out, n, holds)
	if err == nil {
		err = n.check(sessions)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the BGP neighbors: %w", err)
	}
	return sessions, nil
}

func inDefaultVRF(s *routerclient.Session) bool { return s.VRF == routerclient.DefaultVRF }

func inOtherVRF(s *routerclient.Session) bool { return !inDefaultVRF(s) }
