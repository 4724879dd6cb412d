package fix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// Terminal is a router's command line. Its end throws away what was typed and not committed.
type Terminal interface {
	// Type returns what the router printed up to its next prompt. After an error the terminal is of no more use.
	Type(ctx context.Context, line string) (string, error)
	Close() error
}

// RefusalError is a line that the router did not take.
type RefusalError struct {
	Line string
	// Words are the router's own, at most 300 bytes.
	Words string
}

func (e *RefusalError) Error() string {
	return fmt.Sprintf("typing %q: the router says: %s", e.Line, e.Words)
}

const longestWords = 300

// keyboard types the lines of a plan, in one session.
type keyboard struct {
	router   *Router
	plan     Plan
	terminal Terminal // nil where each line is a command
}

func (r *Router) keyboard(ctx context.Context, p Plan) (*keyboard, error) {
	k := &keyboard{router: r, plan: p}
	if !p.Terminal {
		return k, nil
	}
	terminal, err := r.OpenTerminal(ctx)
	if err != nil {
		return nil, err
	}
	k.terminal = terminal
	for _, line := range p.Setup {
		if _, err := terminal.Type(ctx, line); err != nil {
			k.close()
			return nil, err
		}
	}
	return k, nil
}

// close ignores the error: what the session was for is done, or has failed already.
func (k *keyboard) close() {
	if k.terminal != nil {
		_ = k.terminal.Close()
	}
}

// typeAll types the abort after a line that is refused.
func (k *keyboard) typeAll(ctx context.Context, lines, abort []string) error {
	for _, line := range lines {
		if _, err := k.typeLine(ctx, line); err != nil {
			if refused(err) {
				k.typeRegardless(ctx, abort)
			}
			return err
		}
		k.router.Typed(line)
	}
	return nil
}

// typeRegardless goes on after a line that is refused: what the lines are to take away may not be there. What came of
// them is looked at in the sessions.
func (k *keyboard) typeRegardless(ctx context.Context, lines []string) {
	for _, line := range lines {
		if _, err := k.typeLine(ctx, line); err != nil && !refused(err) {
			return
		}
	}
}

func refused(err error) bool {
	_, is := errors.AsType[*RefusalError](err)
	return is
}

// typeLine returns the router's answer, and a [RefusalError] if that is a refusal.
func (k *keyboard) typeLine(ctx context.Context, line string) (string, error) {
	if k.terminal == nil {
		return k.run(ctx, line)
	}
	answer, err := k.terminal.Type(ctx, line)
	if err != nil {
		return "", err
	}
	if k.plan.refused(answer) {
		return answer, refusal(line, answer)
	}
	return answer, nil
}

// run leaves stderr alone if the command succeeded: vtysh warns there of files that it cannot read.
func (k *keyboard) run(ctx context.Context, command string) (string, error) {
	out, err := k.router.Runner.Run(ctx, command)
	if err != nil {
		return "", err
	}
	answer := string(bgptext.Clean(out.Stdout))
	if out.ExitStatus > 0 || k.plan.refused(answer) {
		return answer, refusal(command, failure(out))
	}
	return answer, nil
}

func failure(out routerclient.Output) string {
	if words := string(bgptext.Clean(slices.Concat(out.Stdout, out.Stderr))); bgptext.Printable(words, longestWords) != "" {
		return words
	}
	return fmt.Sprintf("exit status %d", out.ExitStatus)
}

// refusal leaves out the mark below the character at which IOS stopped to understand.
func refusal(line, words string) error {
	return &RefusalError{Line: line, Words: bgptext.Printable(strings.TrimLeft(words, " \n^"), longestWords)}
}
