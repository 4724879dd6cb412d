package httpapi

import (
	"bytes"
	"net/http"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// CheckStatus returns nil for an answer with HTTP status 200, and otherwise an error with the status and the router's
// words. Its reason is ReasonAuthenticationFailed for status 401, ReasonPermissionDenied for 403, and
// ReasonAnswerNotUnderstood for all others, which say that the router could not answer, not why.
func CheckStatus(out routerclient.Output) error {
	reason := routerclient.ReasonAnswerNotUnderstood
	switch out.ExitStatus {
	case http.StatusOK:
		return nil
	case http.StatusUnauthorized:
		reason = routerclient.ReasonAuthenticationFailed
	case http.StatusForbidden:
		reason = routerclient.ReasonPermissionDenied
	}
	return routerclient.Errorf(reason, "HTTP status %d %s%s", out.ExitStatus, http.StatusText(out.ExitStatus), words(out.Stdout))
}

// words returns ": " and the start of what the router said, or "" if it said nothing, or only a web page.
func words(body []byte) string {
	said := bgptext.Printable(string(bgptext.Clean(body[:min(len(body), 8*maxWords)])), maxWords)
	if said == "" || bytes.HasPrefix([]byte(said), []byte("<")) {
		return ""
	}
	return ": " + said
}
