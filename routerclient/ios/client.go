// Package ios reads BGP sessions from Cisco IOS and IOS XE, through the text of "show bgp all", which a user of
// privilege level 1 may run.
//
// IOS ends the TCP connection after one command, takes no two commands in one, and prints neither a count nor an end
// mark. So one poll is two commands on two connections, of which each proves the other:
//
//   - "show bgp all neighbors", cut down on the router to the lines that matter, holds each neighbor's VRF, state, uptime,
//     address families, peer group, and the reason of the last reset. A neighbor without its last line is damage.
//   - "show bgp all summary" holds the router's own numbers and the listen ranges, and lists the neighbors again with
//     their prefixes, under the same address families but without VRFs.
//
// Unless both list the same neighbors in the unicast families (those of VPNs included, where IOS shows the neighbors of
// VRFs), the answer counts as truncated. A dynamic neighbor that comes or goes between the two commands has the same
// effect, until the next poll.
//
// The listen ranges are at the summary's end, where a cut would not show if no neighbor is dynamic yet. A third command
// has the router count the peer groups that have some: in the first poll, and in any that does not show as many as the
// poll before. A router too old to count is believed.
//
// Not seen: listen ranges of VRFs, which the summary shows without their VRF.
//
// Checked against recordings and other projects' test data only, not run on hardware.
package ios

import (
	"context"
	"fmt"

	"github.com/peergate/peergate/routerclient"
)

// Options are the same for every IOS router: there are none.
type Options struct{}

type client struct {
	runner routerclient.Runner
	// groups is how many peer groups had listen ranges when the router last counted them, or -1.
	groups int
}

// New returns a client that asks IOS through runner.
func New(runner routerclient.Runner, _ Options) routerclient.Client {
	return &client{runner: runner, groups: -1}
}

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	out, err := c.runner.Run(ctx, showSummary)
	if err != nil {
		return nil, err
	}
	s, err := parseSummary(out)
	if err != nil {
		return nil, fmt.Errorf("reading the BGP summary: %w", err)
	}
	if err := c.checkGroups(ctx, s); err != nil {
		return nil, err
	}
	out, err = c.runner.Run(ctx, showNeighbors)
	if err != nil {
		return nil, err
	}
	listed, err := parseNeighbors(out, len(s.rows))
	if err != nil {
		return nil, fmt.Errorf("reading the BGP neighbors: %w", err)
	}
	if err := compare(s, listed); err != nil {
		return nil, fmt.Errorf("comparing the BGP summary with the BGP neighbors: %w", err)
	}
	return snapshot(s, listed), nil
}

// checkGroups fails if the summary lacks a peer group with listen ranges.
func (c *client) checkGroups(ctx context.Context, s *summary) error {
	if s.groups == c.groups {
		return nil
	}
	out, err := c.runner.Run(ctx, countGroups)
	if err != nil {
		return err
	}
	counted, err := parseCount(out)
	switch {
	case routerclient.ReasonOf(err) == routerclient.ReasonPermissionDenied:
		// IOS says the same of a command that it does not know.
	case err != nil:
		return fmt.Errorf("counting the listen ranges: %w", err)
	case counted != s.groups:
		return fmt.Errorf("reading the BGP summary: %w",
			truncated("%d peer groups with listen ranges where the router counts %d", s.groups, counted))
	}
	c.groups = s.groups
	return nil
}

func snapshot(s *summary, listed *listing) *routerclient.Snapshot {
	countPrefixes(s, listed)
	sessions := merge(listed)
	for i := range sessions {
		if sessions[i].LocalASN == 0 {
			sessions[i].LocalASN = s.localASN
		}
	}
	return &routerclient.Snapshot{RouterID: s.routerID, LocalASN: s.localASN, Sessions: sessions, ListenRanges: s.listenRanges}
}
