package ios

import (
	"bytes"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// explain is the error for an answer that holds no table. IOS sends no exit status; only its words tell.
func explain(out routerclient.Output) error {
	if err := posixsh.Refused(out); err != nil {
		return err
	}
	words := posixsh.Words(out)
	for _, refusal := range []string{"authorization failed", "invalid input detected", "invalid autocommand"} {
		if strings.Contains(strings.ToLower(words), refusal) {
			return routerclient.Errorf(routerclient.ReasonPermissionDenied,
				"the router does not know the command, or hides it from this account: %s", words)
		}
	}
	switch {
	case strings.Contains(words, "BGP not active"):
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning, "the router runs no BGP: %s", words)
	case strings.Contains(words, strings.TrimSpace(sectionLine)):
		return truncated("the answer ends before its first table")
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
