// Package fortios reads BGP sessions from Fortinet's FortiGates, whose BGP is IP Infusion's ZebOS, over their REST API
// (FortiOS 7.0 and later) or over SSH.
//
// One poll over REST is three requests: the IPv4 neighbors, the IPv6 neighbors, and the configuration. Only that holds
// the listen ranges (neighbor ranges, as Fortinet calls them), the router's own AS number, and what there should be in
// the other two. All three must be answered whole. The API shows neither uptimes nor prefixes nor reasons.
//
// A VDOM, a router within the router, takes the place of a VRF, and the one called root is the default. FortiOS' own
// VRFs, numbers inside a VDOM, are not shown by the API: a neighbor in any of them is one of its VDOM.
//
// Over SSH there are uptimes and prefixes, but no listen ranges, and only the VDOM that the account logs into. Neighbors
// are read from the IPv4 summary, which in ZebOS lists those of IPv6 as well unless they have "set activate disable".
//
// Not run on hardware. Known from another project's exporter and its tests: the requests for neighbors, their answers
// and the states' spelling; from Fortinet's CLI reference: the configuration; from a recording: the text of SSH. Not
// verified: that the API lists dynamic neighbors with the others; that SSH runs commands without a terminal; that
// FortiOS' IPv4 summary is ZebOS' in what it lists, and what the IPv6 summary prints where there is nothing to list.
package fortios

import (
	"context"
	"fmt"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/zebos"
)

// Transport is the way to the router.
type Transport int

const (
	// REST is the API. A command is an HTTP request.
	REST Transport = iota
	// SSH is the command line.
	SSH
)

// Options say how the router is reached.
type Options struct {
	Transport Transport
}

// New returns a client that asks FortiOS through runner.
func New(runner routerclient.Runner, options Options) routerclient.Client {
	if options.Transport == SSH {
		return &sshClient{runner: runner}
	}
	return &restClient{runner: runner}
}

const (
	getNeighbors  = "GET /api/v2/monitor/router/bgp/neighbors?vdom=*"
	getNeighbors6 = "GET /api/v2/monitor/router/bgp/neighbors6?vdom=*"
	getConfig     = "GET /api/v2/cmdb/router/bgp?vdom=*"
)

type restClient struct{ runner routerclient.Runner }

func (c *restClient) Close() error { return c.runner.Close() }

func (c *restClient) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	ipv4, err := ask[[]neighbor](ctx, c.runner, getNeighbors, "reading the IPv4 neighbors")
	if err != nil {
		return nil, err
	}
	ipv6, err := ask[[]neighbor](ctx, c.runner, getNeighbors6, "reading the IPv6 neighbors")
	if err != nil {
		return nil, err
	}
	configured, err := ask[config](ctx, c.runner, getConfig, "reading the BGP configuration")
	if err != nil {
		return nil, err
	}
	return merge(ipv4, ipv6, configured)
}

// ask returns the results by VDOM.
func ask[T any](ctx context.Context, runner routerclient.Runner, command, action string) (map[string]T, error) {
	out, err := runner.Run(ctx, command)
	if err != nil {
		return nil, err
	}
	return parse[T](out, action)
}

const (
	showIPv4 = "get router info bgp summary"
	showIPv6 = "get router info6 bgp summary"
)

type sshClient struct{ runner routerclient.Runner }

func (c *sshClient) Close() error { return c.runner.Close() }

func (c *sshClient) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	ipv4, err := c.summary(ctx, showIPv4, routerclient.IPv4)
	if err != nil {
		return nil, err
	}
	if ipv4 == nil {
		return nil, routerclient.Errorf(routerclient.ReasonBGPNotRunning, `reading the IPv4 summary: the router printed nothing; is there an "as" in "config router bgp"?`)
	}
	ipv6, err := c.summary(ctx, showIPv6, routerclient.IPv6)
	if err != nil {
		return nil, err
	}
	return zebos.Merge(ipv4, ipv6), nil
}

// summary returns nil if the router printed nothing.
func (c *sshClient) summary(ctx context.Context, command string, afi routerclient.AFI) (*zebos.Summary, error) {
	out, err := c.runner.Run(ctx, command)
	if err != nil {
		return nil, err
	}
	summary, err := parseSummary(out, afi)
	if err != nil {
		return nil, fmt.Errorf("reading the %s summary: %w", afi, err)
	}
	return summary, nil
}
