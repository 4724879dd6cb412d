// Package snmp reads BGP sessions from any router whose SNMP agent has a table of its BGP peers. It is the driver for
// platforms that have none of their own, and the one with the least rights: a view on one subtree.
//
// Five tables are known, and the first that has rows is read: CISCO-BGP4-MIB's cbgpPeer2Table, BGP4-V2-MIB-JUNIPER's
// jnxBgpM2PeerTable, ARISTA-BGP4V2-MIB's, the draft BGP4V2-MIB's (FRR 8.5 and newer), and BGP4-MIB's of RFC 4273, which
// nearly every agent has and which knows IPv4 neighbors only. A client remembers which it was.
//
// What SNMP does not show: listen ranges (a node inside one that has not connected reads as not configured), which
// neighbors are dynamic, address families, prefixes, policies. Other routing instances than the default one are shown
// by number only, by Juniper, Arista and the draft MIB only; instance 7 is VRF "instance-7" here. So is the interface of
// a link-local neighbor, "ifIndex-7". AS numbers above 65535 do not fit into BGP4-MIB; where the agent prints AS 23456 in
// their place, the number counts as not known. The routers' identifiers of the neighbors are not read, because an agent
// shows every neighbor's address.
//
// BGP4-MIB was read from FRR 8.4.4 behind net-snmp 5.9. The other tables are known from their MIBs and from other
// projects' tests; not run on hardware.
package snmp

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/peergate/peergate/routerclient"
)

type client struct {
	runner routerclient.Runner
	// known is the table that had rows the last time, or nil.
	known *table
}

// New returns a client that asks an SNMP agent through runner, which takes the commands of package snmpwalk.
func New(runner routerclient.Runner) routerclient.Client { return &client{runner: runner} }

func (c *client) Close() error { return c.runner.Close() }

func (c *client) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	s, running, err := c.router(ctx)
	if err != nil {
		return nil, err
	}
	t, states, err := c.choose(ctx)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return c.withoutPeers(ctx, running)
	}
	if s.Sessions, err = c.read(ctx, t, states); err != nil {
		return nil, err
	}
	return s, nil
}

// withoutPeers returns the snapshot of a router that has no peers. Because a daemon that is cut off from its agent looks
// the same, the router must have said before and after that it runs BGP, and no other column may have a row.
func (c *client) withoutPeers(ctx context.Context, ranBefore bool) (*routerclient.Snapshot, error) {
	bgpPeerTable := tables[len(tables)-1]
	remoteAS, err := c.walk(ctx, bgpPeerTable.remoteAS)
	if err != nil {
		return nil, err
	}
	s, runsStill, err := c.router(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(remoteAS) > 0, ranBefore != runsStill:
		return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "reading the BGP peers: they come or go at the moment")
	case !runsStill:
		return nil, routerclient.Errorf(routerclient.ReasonBGPNotRunning,
			"reading the BGP peers: the agent shows neither a peer nor an AS number of the router (%s): BGP is not running, "+
				"its agent is not connected, or the user's view leaves %s out", bgpLocalAS, bgp4)
	}
	return s, nil
}

// router returns a snapshot with what the agent says of the router itself, and whether it runs BGP.
func (c *client) router(ctx context.Context) (s *routerclient.Snapshot, running bool, err error) {
	localAS, err := c.walk(ctx, bgpLocalAS)
	if err != nil {
		return nil, false, err
	}
	identifier, err := c.walk(ctx, bgpIdentifier)
	if err != nil {
		return nil, false, err
	}
	s = &routerclient.Snapshot{}
	if s.LocalASN, err = localAS.asn("0"); err != nil {
		return nil, false, notUnderstood(bgpLocalAS, err)
	}
	if id, err := netip.ParseAddr(identifier["0"].text); err == nil && id.Is4() && !id.IsUnspecified() {
		s.RouterID = id
	}
	asn, shown := localAS["0"]
	return s, shown && asn.text != "0", nil
}

// choose returns the first table with rows, the known one before all others, and its column of states; nil if none has
// any. It is an error if the known table lost its rows while another has some: the other may know fewer neighbors.
func (c *client) choose(ctx context.Context) (*table, column, error) {
	candidates := tables
	if c.known != nil {
		candidates = append([]*table{c.known}, tables...)
	}
	for _, t := range candidates {
		states, err := c.walk(ctx, t.state)
		if err != nil {
			return nil, nil, err
		}
		if len(states) == 0 {
			continue
		}
		before := c.known
		c.known = t
		if before != nil && before != t {
			return nil, nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "reading %s: its peers are gone, and those of %s are not", before.name, t.name)
		}
		return t, states, nil
	}
	return nil, nil, nil
}

// read reads the columns of a table. Those that only explain or adorn are read only where there is a session that they
// can say something about, because each costs a request for every 25 neighbors.
func (c *client) read(ctx context.Context, t *table, states column) ([]routerclient.Session, error) {
	rows := &rows{table: t, states: states}
	for _, want := range []struct {
		oid    string
		into   *column
		needed bool
	}{
		{t.adminStatus, &rows.adminStatus, true},
		{t.remoteAS, &rows.remoteAS, true},
		{t.instance, &rows.instance, t.instance != ""},
		{t.establishedTime, &rows.establishedTime, states.has(established)},
		{t.lastError, &rows.lastError, t.lastError != "" && states.hasOther(established)},
	} {
		if !want.needed {
			continue
		}
		var err error
		if *want.into, err = c.walk(ctx, want.oid); err != nil {
			return nil, err
		}
	}
	if err := rows.checkWhole(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", t.name, err)
	}
	sessions, err := rows.sessions()
	if err != nil {
		return nil, notUnderstood(t.name, err)
	}
	return sessions, nil
}

func (c *client) walk(ctx context.Context, oid string) (column, error) {
	out, err := c.runner.Run(ctx, "walk "+oid)
	if err != nil {
		return nil, err
	}
	values, err := parseColumn(out.Stdout, oid)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", oid, err)
	}
	return values, nil
}

func notUnderstood(what string, err error) error {
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "reading %s: %w", what, err)
}
