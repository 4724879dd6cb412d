// Package frr reads BGP sessions from FRRouting through vtysh's JSON: on plain Linux, and under VyOS, UniFi, SONiC and
// Cumulus Linux, which all ship FRR 7.5 or newer.
//
// One poll is one command, "show bgp vrf all summary json"; a second where peer groups exist, because only those know
// the listen ranges; and a third for the reasons of neighbors that are down, and for the families that those have agreed
// on that are up in several. The first two must be answered whole, or there is no snapshot: without its listen ranges a
// router would seem not to know a neighbor that it would accept. The third is a courtesy, and an account that may not
// run it only loses what it tells.
//
// A neighbor that is configured but not activated in any address family is in no FRR summary. It is reported if it is
// a member of a peer group; otherwise it counts as not configured, which the lines of the remedy mend.
package frr

import (
	"context"
	"slices"
	"time"

	"github.com/peergate/peergate/routerclient"
)

// Options say how FRR is reached on a router.
type Options struct {
	// CommandPrefix comes before vtysh, one word an element: "sudo", "-n".
	CommandPrefix []string
	// Vtysh is the program to run, "vtysh" if empty.
	Vtysh string
	// VRF is the one VRF whose listen ranges and reasons are wanted; "" and "*" are all. Sessions are always read from
	// every VRF, because FRR shows them in one answer.
	VRF string
}

type client struct {
	runner  routerclient.Runner
	options Options
	// negotiated is of the sessions that were up at the last poll.
	negotiated negotiations
}

// New returns a client that asks FRR through runner.
func New(runner routerclient.Runner, options Options) routerclient.Client {
	return &client{runner: runner, options: options}
}

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	out, err := c.runner.Run(ctx, c.command(showSummary))
	if err != nil {
		return nil, err
	}
	instances, err := parseSummary(out)
	if err != nil {
		return nil, err
	}
	if err := c.readPeerGroups(ctx, instances); err != nil {
		return nil, err
	}
	c.readDetails(ctx, instances)
	return snapshot(instances), nil
}

// maxVRFsPerCommand keeps the command line of a router with very many VRFs within what sshd and shells take.
const maxVRFsPerCommand = 64

func (c *client) readPeerGroups(ctx context.Context, instances []*instance) error {
	asked := slices.DeleteFunc(slices.Clone(instances), func(i *instance) bool {
		return !c.wanted(i) || !i.mayHavePeerGroups()
	})
	for chunk := range slices.Chunk(asked, maxVRFsPerCommand) {
		commands := make([]string, len(chunk))
		for i, instance := range chunk {
			commands[i] = showPeerGroups(instance.vrf)
		}
		out, err := c.runner.Run(ctx, c.command(commands...))
		if err != nil {
			return err
		}
		if err := parsePeerGroups(out, chunk); err != nil {
			return err
		}
	}
	return nil
}

// readDetails adds what only the long form of a neighbor shows. It has half the time that is left, so that a router
// that is slow over it still gives its snapshot in time.
func (c *client) readDetails(ctx context.Context, instances []*instance) {
	known := c.negotiated
	c.negotiated = negotiations{}
	var q questions
	for _, instance := range instances {
		if !c.wanted(instance) {
			continue
		}
		for _, n := range instance.neighbors {
			if is, found := known.of(keyOf(instance.vrf, n)); found && n.session.State == routerclient.Established {
				n.settle(is)
				c.negotiated.remember(instance.vrf, n)
			}
			q.add(instance.vrf, n)
		}
	}
	if len(q.commands) == 0 {
		return
	}
	if deadline, set := ctx.Deadline(); set {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	if out, err := c.runner.Run(ctx, c.command(q.commands...)); err == nil {
		parseDetails(out, q.asked)
		for i, n := range q.asked {
			if n.session.FamiliesNegotiated {
				c.negotiated.remember(q.vrfs[i], n)
			}
		}
	}
}

// maxDetails bounds how many neighbors one poll asks for the reason they are down, and how many for the families they
// have agreed on. Each answer is about 4 KiB.
const maxDetails = 16

// questions are those for the long forms of neighbors.
type questions struct {
	asked    []*neighbor
	vrfs     []string
	commands []string

	reasons, families int
}

func (q *questions) add(vrf string, n *neighbor) {
	switch {
	case n.needsReason() && q.reasons < maxDetails:
		q.reasons++
	case n.needsFamilies() && q.families < maxDetails:
		q.families++
	default:
		return
	}
	q.asked, q.vrfs, q.commands = append(q.asked, n), append(q.vrfs, vrf), append(q.commands, showNeighbor(vrf, n.name))
}

func (c *client) wanted(i *instance) bool {
	return c.options.VRF == "" || c.options.VRF == "*" || c.options.VRF == i.vrf
}

func snapshot(instances []*instance) *routerclient.Snapshot {
	s := &routerclient.Snapshot{}
	for _, instance := range instances {
		if instance.vrf == routerclient.DefaultVRF {
			s.LocalASN = instance.asn
		}
		if instance.routerID.IsValid() && (instance.vrf == routerclient.DefaultVRF || !s.RouterID.IsValid()) {
			s.RouterID = instance.routerID
		}
		s.Sessions = slices.Grow(s.Sessions, len(instance.neighbors))
		for _, n := range instance.neighbors {
			s.Sessions = append(s.Sessions, n.session)
		}
		s.ListenRanges = append(s.ListenRanges, instance.listenRanges...)
	}
	return s
}
