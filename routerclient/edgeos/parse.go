package edgeos

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
	"github.com/peergate/peergate/routerclient/zebos"
)

// parse returns nil if the router printed nothing, or has no such command.
func parse(out routerclient.Output, show showCommand) (*zebos.Summary, error) {
	summary, err := zebos.ParseSummary(out.Stdout)
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
	if silent && out.ExitStatus == 0 || show.optional && isInvalidCommand(out) {
		return nil, nil
	}
	return nil, fmt.Errorf("%w (exit status %d): %s", err, out.ExitStatus, posixsh.Words(out))
}

// isInvalidCommand knows what Vyatta's command line and ZebOS say of a command that they do not have.
func isInvalidCommand(out routerclient.Output) bool {
	words := posixsh.Words(out)
	return strings.HasPrefix(words, "Invalid command") || strings.HasPrefix(words, "% Invalid input")
}
