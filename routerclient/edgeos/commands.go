package edgeos

import (
	"slices"

	"github.com/peergate/peergate/routerclient/posixsh"
)

// wrapper runs an operational command without an interactive shell. It pages only onto a terminal, so not here.
const wrapper = "/opt/vyatta/bin/vyatta-op-cmd-wrapper"

type showCommand struct {
	family string
	words  []string
	// optional commands may be missing from the router's command line.
	optional bool
}

var (
	showIPv4 = showCommand{family: "IPv4", words: []string{"show", "ip", "bgp", "summary"}}
	showIPv6 = showCommand{family: "IPv6", words: []string{"show", "bgp", "ipv6", "summary"}, optional: true}
)

func (c *client) command(show showCommand) string {
	return posixsh.Join(slices.Concat(c.options.CommandPrefix, []string{wrapper}, show.words)...)
}
