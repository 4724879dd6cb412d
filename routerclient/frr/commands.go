package frr

import (
	"slices"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/posixsh"
)

const showSummary = "show bgp vrf all summary json"

// showPeerGroups asks one VRF, because "show bgp vrf all peer-group json" answers {} on FRR 8.4.4 whatever there is: it
// looks for a VRF that is called "all".
func showPeerGroups(vrf string) string { return "show bgp " + inVRF(vrf) + "peer-group json" }

func showNeighbor(vrf, name string) string {
	return "show bgp " + inVRF(vrf) + "neighbors " + name + " json"
}

func inVRF(vrf string) string {
	if vrf == routerclient.DefaultVRF {
		return ""
	}
	return "vrf " + vrf + " "
}

// command returns one command line that runs the vtysh commands in turn. vtysh prints their answers one after the other
// and stops at the first that fails.
func (c *client) command(vtyshCommands ...string) string {
	vtysh := c.options.Vtysh
	if vtysh == "" {
		vtysh = "vtysh"
	}
	argv := append(slices.Clone(c.options.CommandPrefix), vtysh)
	for _, command := range vtyshCommands {
		argv = append(argv, "-c", command)
	}
	return posixsh.Join(argv...)
}
