package edgeos

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
	"github.com/peergate/peergate/routerclient/zebos"
)

// parse returns nil if the router printed nothing, or has no such command.
func parse(out routerclient.Output, show showCommand) (*zebos.Summary, error) {
	summary, err := zebos.ParseSummary(out.Stdout, show.afi)
	if err == nil {
		return summary, nil
	}
	if routerclient.ReasonOf(err) == routerclient.ReasonAnswerTruncated {
		return nil, err
	}
	if refused := posixsh.Refused(out); refused != nil {
		return nil, refused
	}
	silent := len(bytes.TrimSpace(bgptext.Clean(out.Stdout))) == 0
	if silent && out.ExitStatus == 0 || show.optional && isUnknownCommand(out) {
		return nil, nil
	}
	return nil, fmt.Errorf("%w (exit status %d): %s", err, out.ExitStatus, posixsh.Words(out))
}

// unknownCommand is what Vyatta's command line and, behind "% ", ZebOS's say of a command that they do not have.
var unknownCommand = []string{"Invalid command", "Ambiguous command", "Incomplete command", "Invalid input", "Unknown command"}

// isUnknownCommand looks at every line, because a shell without a terminal may complain of that first.
func isUnknownCommand(out routerclient.Output) bool {
	const enough = 4 << 10
	for _, stream := range [][]byte{out.Stderr, out.Stdout} {
		for line := range strings.Lines(string(bgptext.Clean(stream[:min(len(stream), enough)]))) {
			line = strings.TrimLeft(line, "% \t")
			if slices.ContainsFunc(unknownCommand, func(complaint string) bool { return strings.HasPrefix(line, complaint) }) {
				return true
			}
		}
	}
	return false
}
