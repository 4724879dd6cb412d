package gobgp

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// parseGlobal reads {"asn":64512,"router_id":"192.0.2.1",…}, or {} of a gobgpd without a configuration. gobgp prints its
// errors in the same form: {"error":"context deadline exceeded"}.
func parseGlobal(out routerclient.Output) (*routerclient.Snapshot, error) {
	const action = "reading the global configuration"
	dec, found := bgpjson.NewDecoder(out.Stdout, '{')
	if !found {
		return nil, unanswered(action, out)
	}
	var global struct {
		ASN      bgpjson.ASN `json:"asn"`
		RouterID string      `json:"router_id"`
		Error    string      `json:"error"`
	}
	if err := decodeOnly(dec, &global); err != nil {
		return nil, bgpjson.Error(action, err)
	}
	switch {
	case global.Error != "":
		return nil, failure(action, global.Error)
	case global.ASN == 0:
		return nil, routerclient.Errorf(routerclient.ReasonBGPNotRunning, "%s: gobgpd runs without one; has it a [global.config]?", action)
	}
	id, err := netip.ParseAddr(global.RouterID)
	if err != nil {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: router ID %q is no address", action, bgptext.Printable(global.RouterID, 64))
	}
	return &routerclient.Snapshot{LocalASN: uint32(global.ASN), RouterID: id}, nil
}

func decodeOnly(dec *json.Decoder, value any) error {
	if err := dec.Decode(value); err != nil {
		return err
	}
	return bgpjson.End(dec)
}

// unanswered is the error for an answer in another form than expected: gobgp's complaints, or those of what runs it.
func unanswered(action string, out routerclient.Output) error {
	words := posixsh.Words(out)
	if refused := posixsh.Refused(out); refused != nil {
		return fmt.Errorf("%s: %w", action, refused)
	}
	if len(out.Stdout) == 0 && out.ExitStatus == 0 {
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: the answer is empty (stderr: %s)", action, words)
	}
	return failure(action, words)
}

// failure gives what gobgp says instead of an answer its reason. It waits for gobgpd's port for a few seconds, and then
// calls it a deadline.
func failure(action, words string) error {
	words = bgptext.Printable(words, maxDetail)
	switch {
	case strings.Contains(words, "context deadline exceeded"), strings.Contains(words, "connection refused"):
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning, "%s: gobgpd does not answer: %s", action, words)
	case strings.Contains(words, "unknown service"):
		return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: gobgp and gobgpd are of different major versions: %s", action, words)
	}
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: %s", action, words)
}
