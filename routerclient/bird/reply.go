package bird

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// The codes of replies, from the file doc/reply_codes of BIRD's source. Those from 8000 on are errors.
const (
	codeProtocol       = 1002
	codeDetails        = 1006
	codeStatus         = 1011
	codeProtocolHeader = 2002
	firstErrorCode     = 8000
	codeAccessDenied   = 8007
)

// codeDigits is how many digits a code has. A space or hyphen stands behind them, and continuation, as wide as both, in
// their place where a line has no code.
const (
	codeDigits   = 4
	continuation = "     "
)

// reply is one line of what birdc -v prints, without the space around it. A line without a code of its own belongs to
// the reply before.
type reply struct {
	code  int
	text  []byte
	first bool
}

// eachReply calls do for each line that belongs to a reply, until do returns an error. It begins at BIRD's greeting,
// past what a banner prints, and ends with an error at a reply that is one.
func eachReply(out routerclient.Output, do func(reply) error) error {
	greeted := false
	var r reply
	for line := range bytes.Lines(bgptext.Clean(out.Stdout)) {
		code, hasCode := cutCode(line)
		switch {
		case hasCode:
			greeted = true
			r = reply{code: code, text: bgptext.Trim(line[codeDigits+1:]), first: true}
		case !greeted:
			continue
		default:
			text, continued := bytes.CutPrefix(line, []byte(continuation))
			r.text, r.first = bgptext.Trim(text), false
			if len(r.text) > 0 && !continued {
				return fmt.Errorf("line %q belongs to no reply", bgptext.Printable(string(line), 64))
			}
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

// cutCode returns the code of a line such as "1002-node11     BGP" or "0001 BIRD 2.0.12 ready.".
func cutCode(line []byte) (code int, ok bool) {
	if len(line) <= codeDigits || line[codeDigits] != '-' && line[codeDigits] != ' ' {
		return 0, false
	}
	n, isNumber := bgptext.Uint(line[:codeDigits])
	return int(n), isNumber
}

// refusal is the error for a reply with which BIRD refuses a command.
func (r reply) refusal() error {
	reason := routerclient.ReasonAnswerNotUnderstood
	if r.code == codeAccessDenied {
		reason = routerclient.ReasonPermissionDenied
	}
	return routerclient.Errorf(reason, "BIRD answers %q", bgptext.Printable(string(r.text), maxDetail))
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
