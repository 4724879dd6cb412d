package edgeos

import (
	"slices"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// wrapper runs an operational command without an interactive shell. It pages only onto a terminal, so not here.
const wrapper = "/opt/vyatta/bin/vyatta-op-cmd-wrapper"

type showCommand struct {
	afi   routerclient.AFI
	words []string
	// optional commands may be missing from the router's command line.
	optional bool
}

var (
	showIPv4 = showCommand{afi: routerclient.IPv4, words: []string{"show", "ip", "bgp", "summary"}}
	showIPv6 = showCommand{afi: routerclient.IPv6, words: []string{"show", "bgp", "ipv6", "summary"}, optional: true}
)

func (c *client) command(show showCommand) string {
	return posixsh.Join(slices.Concat(c.options.CommandPrefix, []string{wrapper}, show.words)...)
}
