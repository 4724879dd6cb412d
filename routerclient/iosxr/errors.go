package iosxr

import (
	"bytes"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// explain is the error for an answer that holds nothing of what was asked. XR may send no exit status; only its words,
// below a line with the time, tell.
func explain(out routerclient.Output) error {
	if err := posixsh.Refused(out); err != nil {
		return err
	}
	words := posixsh.Words(out)
	lower := strings.ToLower(words)
	for _, refusal := range []string{"not authorized", "authorization failed", "invalid input detected"} {
		if strings.Contains(lower, refusal) {
			return routerclient.Errorf(routerclient.ReasonPermissionDenied,
				"the router does not know the command, or hides it from this account: %s", words)
		}
	}
	switch {
	case strings.Contains(lower, "bgp instance") && strings.Contains(lower, "not active"):
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning, "the router runs no BGP: %s", words)
	case len(bytes.TrimSpace(bgptext.Clean(out.Stdout))) == 0:
		return truncated("the answer is empty")
	}
	return notUnderstood("no BGP in the answer: %s", words)
}

func truncated(format string, args ...any) error {
	return routerclient.Errorf(routerclient.ReasonAnswerTruncated, format, args...)
}

func notUnderstood(format string, args ...any) error {
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, format, args...)
}
