package fix

import (
	"slices"
	"strings"
)

// The command lines in the style of Cisco's, on a terminal. None of these plans was run on hardware; the words are those
// of the vendors' documents.

// unpaged keeps the router from waiting for a key.
var unpaged = []string{"terminal length 0"}

func showNeighbor(r request) string {
	return "show running-config | include neighbor " + r.Peer.String()
}

// capitals are how IOS writes an IPv6 address, and its filter heeds them.
func capitals(line string, r request) string {
	return strings.ReplaceAll(line, r.Peer.String(), strings.ToUpper(r.Peer.String()))
}

// ios takes each line back by its negation, in reverse order: a line takes effect at once.
func ios(r request) Plan {
	lines, save := until(r.lines, "write memory")
	context, rest := until(lines, "neighbor ")
	definition, _ := until(rest, "address-family")
	undo := slices.Clone(context)
	for _, line := range slices.Backward(definition) {
		if strings.HasPrefix(line, "neighbor ") && !strings.HasSuffix(line, " activate") {
			undo = append(undo, "no "+line)
		}
	}
	return Plan{
		Terminal: true, Setup: unpaged, Look: capitals(showNeighbor(r), r), refused: percent,
		Apply: lines, Abort: []string{"end"}, Undo: append(undo, "end"), Save: save,
	}
}

// nxos confirms a saved configuration with a bar of "#".
func nxos(r request) Plan {
	lines, save := until(r.lines, "copy running-config")
	return Plan{
		Terminal: true, Setup: unpaged, Look: showNeighbor(r), refused: either(percent, saying("error:", "permission denied")),
		Apply: lines, Abort: []string{"end"}, Undo: withoutNeighbor(r, lines, "end"), Save: save,
	}
}

// iosxr types into a target configuration, which its commit takes over as a whole or not at all.
func iosxr(r request) Plan {
	return Plan{
		Terminal: true, Setup: unpaged, Look: showNeighbor(r), refused: either(percent, saying("one or more commits have occurred")),
		Apply: r.lines, Abort: []string{"abort"}, Undo: withoutNeighbor(r, r.lines, "commit", "end"), Atomic: true,
	}
}

// eosSession is the configuration session that is typed into.
const eosSession = "configure session peergate"

// eos types into a configuration session, which its commit takes over as a whole. One that an earlier attempt left
// behind is thrown away first.
func eos(r request) Plan {
	lines, save := until(r.lines, "write memory")
	lines, _ = until(lines, "end")
	return Plan{
		Terminal: true, Setup: append(slices.Clone(unpaged), eosSession+" abort"), Look: showNeighbor(r), refused: percent,
		Apply: slices.Concat([]string{eosSession}, lines[1:], []string{"commit"}), Abort: []string{"abort"},
		Undo: withoutNeighbor(r, lines, "end"), Save: save, Atomic: true,
	}
}

// withoutNeighbor goes to where the lines define the neighbor, and takes it away.
func withoutNeighbor(r request, lines []string, end ...string) []string {
	context, _ := until(lines, "neighbor ")
	return slices.Concat(context, []string{"no neighbor " + r.Peer.String()}, end)
}
