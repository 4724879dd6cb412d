package fortios

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
	"github.com/peergate/peergate/routerclient/zebos"
)

// vrfPrefix is what newer releases put before the table. They print another table for each other VRF, which is not
// understood: its end could not be told from the end of the answer.
const vrfPrefix = "VRF 0 "

// parseSummary returns nil if the router printed nothing.
func parseSummary(out routerclient.Output, afi routerclient.AFI) (*zebos.Summary, error) {
	answer := bgptext.Clean(out.Stdout)
	if len(bytes.TrimSpace(answer)) == 0 {
		return nil, nil
	}
	summary, err := zebos.ParseSummary(bytes.Replace(answer, []byte(vrfPrefix+"BGP router "), []byte("BGP router "), 1), afi)
	if err == nil || routerclient.ReasonOf(err) == routerclient.ReasonAnswerTruncated {
		return summary, err
	}
	words := posixsh.Words(out)
	if refused := posixsh.Refused(out); refused != nil {
		return nil, refused
	}
	if strings.HasPrefix(words, "Unknown action") || strings.Contains(words, "command parse error") {
		return nil, routerclient.Errorf(routerclient.ReasonPermissionDenied,
			"the account may not run the command, or FortiOS wants a VDOM first (then reach it over HTTPS): %s", words)
	}
	return nil, fmt.Errorf("%w: %s", err, words)
}
