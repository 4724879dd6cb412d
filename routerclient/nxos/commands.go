package nxos

import "strings"

// showSummary is the command of every poll. NX-OS does not page without a terminal.
const showSummary = "show bgp all summary vrf all | json"

// showNeighbors asks for the lines of the long form of a VRF's neighbors that matter here. It is asked for each VRF by
// itself, because not every release says in the text which VRF a neighbor is in.
func showNeighbors(vrf string) string {
	return "show bgp vrf " + vrf + ` all neighbors | egrep "BGP neighbor is|prefix peering|router ID|BGP state|Last reset|Address family I"`
}

// canBeAsked is false for a VRF that a command cannot name safely.
func canBeAsked(vrf string) bool {
	return !strings.ContainsFunc(vrf, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`|?"'<>;!`, r)
	})
}
