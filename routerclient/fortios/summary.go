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

// identifier begins the table of a VRF. Newer releases put the VRF's number before it, and print another such table for
// each other VRF.
const (
	identifier    = "BGP router identifier "
	defaultPrefix = "VRF 0 "
)

// parseSummary returns nil if the router printed nothing.
func parseSummary(out routerclient.Output, afi routerclient.AFI) (*zebos.Summary, error) {
	answer := bgptext.Clean(out.Stdout)
	if len(bytes.TrimSpace(answer)) == 0 {
		return nil, nil
	}
	if bytes.Count(answer, []byte(identifier)) > 1 {
		// Without the last of them the answer looks whole, and all neighbors in that VRF as if nobody had configured them.
		return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood,
			"the VDOM has more than one VRF, and over SSH nothing says which table is the last: reach it over HTTPS, which shows the neighbors of all VRFs")
	}
	summary, err := zebos.ParseSummary(bytes.Replace(answer, []byte(defaultPrefix+identifier), []byte(identifier), 1), afi)
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
