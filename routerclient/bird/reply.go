package bird

import (
	"errors"
	"fmt"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// The codes of replies, from the file doc/reply_codes of BIRD's source. Those from 8000 on are errors.
const (
	codeProtocol       = "1002"
	codeDetails        = "1006"
	codeStatus         = "1011"
	codeProtocolHeader = "2002"
	firstErrorCode     = "8000"
	codeAccessDenied   = "8007"
)

// codeLength is a code's four digits and the space or hyphen behind it.
const codeLength = 5

// reply is one line of what birdc -v prints. A line without a code of its own belongs to the reply before.
type reply struct {
	code  string
	text  string
	first bool
}

// eachReply calls do for each line that belongs to a reply, until do returns an error. It begins at BIRD's greeting,
// past what a banner prints, and ends with an error at a reply that is one.
func eachReply(out routerclient.Output, do func(reply) error) error {
	rest := string(bgptext.Clean(out.Stdout))
	var r reply
	for len(rest) > 0 {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		switch {
		case hasCode(line):
			r = reply{code: line[:codeLength-1], text: line[codeLength:], first: true}
		case r.code == "":
			continue
		case strings.TrimSpace(line) == "":
			r.text, r.first = "", false
		case strings.HasPrefix(line, "     "):
			r.text, r.first = line[codeLength:], false
		default:
			return fmt.Errorf("line %q belongs to no reply", bgptext.Printable(line, 64))
		}
		if r.code >= firstErrorCode {
			return r.refusal()
		}
		if err := do(r); err != nil {
			return err
		}
	}
	return nil
}

// hasCode is true for a line such as "1002-node11     BGP" or "0001 BIRD 2.0.12 ready."
func hasCode(line string) bool {
	if len(line) < codeLength || line[4] != '-' && line[4] != ' ' {
		return false
	}
	for _, c := range []byte(line[:4]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// refusal is the error for a reply with which BIRD refuses a command.
func (r reply) refusal() error {
	reason := routerclient.ReasonAnswerNotUnderstood
	if r.code == codeAccessDenied {
		reason = routerclient.ReasonPermissionDenied
	}
	return routerclient.Errorf(reason, "BIRD answers %q", bgptext.Printable(r.text, maxDetail))
}

var errTable = errors.New("no table of protocols")

// answerError is the error for an answer that cannot be used: BIRD's or birdc's complaint if there is one, otherwise
// what is wrong with the table.
func answerError(action string, out routerclient.Output, err error) error {
	if _, hasReason := errors.AsType[*routerclient.Error](err); hasReason {
		return fmt.Errorf("%s: %w", action, err)
	}
	if !errors.Is(err, errTable) {
		return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: %w", action, err)
	}
	words := posixsh.Words(out)
	refused := posixsh.Refused(out)
	switch {
	case refused != nil:
		return fmt.Errorf("%s: %w", action, refused)
	case strings.Contains(words, "Unable to connect to server control socket"):
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning, "%s: BIRD is not running: %s", action, words)
	case out.ExitStatus == 0:
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: %w in the answer: %s", action, err, words)
	}
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: %w in the answer (exit status %d): %s", action, err, out.ExitStatus, words)
}
