package sshexec

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

const (
	// maxAnswer bounds what a router may print between one prompt and the next.
	maxAnswer = 256 << 10
	// columns keep routers from folding or scrolling the echo of a long line, and rows from paging their answers.
	columns, rows = 511, 1000
)

// Terminal is a router's command line as a person has it, on a pseudo-terminal: the only way into the configuration mode
// of many platforms. It is read up to the next prompt, which is recognized by how the first one began.
type Terminal struct {
	runner  *Runner
	session *session
	output  <-chan []byte
	stop    chan struct{}
	prompt  string
}

// Terminal opens a command line and returns once the router has prompted. Close it before the next Run.
func (r *Runner) Terminal(ctx context.Context) (*Terminal, error) {
	s, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	t := &Terminal{runner: r, session: s, stop: make(chan struct{})}
	if err := t.start(ctx); err != nil {
		_ = t.Close()
		r.drop()
		return nil, err
	}
	return t, nil
}

func (t *Terminal) start(ctx context.Context) error {
	t.session.doing = "opening a terminal on " + t.runner.address
	stop := context.AfterFunc(ctx, func() { _ = t.session.client.Close() })
	err := t.request()
	if !stop() {
		return ended(ctx, t.session.doing)
	}
	if err != nil {
		return err
	}
	go ssh.DiscardRequests(t.session.requests)
	t.output = t.read()
	t.session.doing = "waiting for the prompt of " + t.runner.address
	t.prompt, err = t.firstPrompt(ctx)
	return err
}

// request asks for a terminal without special modes (RFC 4254 section 6.2), and for a shell on it.
func (t *Terminal) request() error {
	const endOfModes = "\x00"
	terminal := ssh.Marshal(struct {
		Term                         string
		Columns, Rows, Width, Height uint32
		Modes                        string
	}{Term: "vt100", Columns: columns, Rows: rows, Modes: endOfModes})
	for _, request := range []struct {
		name    string
		payload []byte
	}{{"pty-req", terminal}, {"shell", nil}} {
		accepted, err := t.session.channel.SendRequest(request.name, true, request.payload)
		if err != nil {
			return routerclient.Errorf(routerclient.ReasonUnreachable, "%s: the router closed the connection", t.session.doing)
		}
		if !accepted {
			return routerclient.Errorf(routerclient.ReasonPermissionDenied, "%s: the router refused %s", t.session.doing, request.name)
		}
	}
	return nil
}

// read passes on what the router prints, until the session ends.
func (t *Terminal) read() <-chan []byte {
	output := make(chan []byte)
	go func() {
		defer close(output)
		for {
			buffer := make([]byte, 4096)
			n, err := t.session.channel.Read(buffer)
			select {
			case output <- buffer[:n]:
			case <-t.stop:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return output
}

// firstPrompt waits for what may be a prompt, or the end of a greeting, and then for the same after an empty line.
func (t *Terminal) firstPrompt(ctx context.Context) (string, error) {
	if _, err := t.until(ctx, func(lines []string) bool { return endsLikePrompt(lines[len(lines)-1]) }); err != nil {
		return "", err
	}
	if err := t.enter(ctx, ""); err != nil {
		return "", err
	}
	lines, err := t.until(ctx, func(lines []string) bool { return endsLikePrompt(lines[len(lines)-1]) })
	if err != nil {
		return "", err
	}
	return promptStart(lines[len(lines)-1]), nil
}

// Type types one line and returns what the router printed between the echo of the line and its next prompt. After an
// error it is not known what became of the line, and the terminal is of no more use.
func (t *Terminal) Type(ctx context.Context, line string) (string, error) {
	t.session.doing = fmt.Sprintf("typing %q", line)
	if err := t.enter(ctx, line); err != nil {
		return "", err
	}
	echo := -1
	lines, err := t.until(ctx, func(lines []string) bool {
		echo = slices.IndexFunc(lines, func(printed string) bool { return strings.HasSuffix(printed, line) })
		last := lines[len(lines)-1]
		return echo >= 0 && echo < len(lines)-1 && strings.HasPrefix(last, t.prompt) && endsLikePrompt(last)
	})
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(strings.Join(lines[echo+1:len(lines)-1], "\n")), nil
}

// enter ends with ctx, too, where the router reads nothing of what is typed.
func (t *Terminal) enter(ctx context.Context, line string) error {
	stop := context.AfterFunc(ctx, func() { _ = t.session.client.Close() })
	_, err := t.session.channel.Write([]byte(line + "\n"))
	if !stop() {
		return ended(ctx, t.session.doing)
	}
	if err != nil {
		return t.lost("")
	}
	return nil
}

// until reads until reached is true of the lines printed so far, the last of which may be unfinished.
func (t *Terminal) until(ctx context.Context, reached func(lines []string) bool) ([]string, error) {
	var printed []byte
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w%s", ended(ctx, t.session.doing), after(printed))
		case chunk, ok := <-t.output:
			if !ok {
				return nil, t.lost(after(printed))
			}
			printed = append(printed, chunk...)
		}
		if len(printed) > maxAnswer {
			return nil, routerclient.Errorf(routerclient.ReasonAnswerTooLarge, "%s: more than %d bytes", t.session.doing, maxAnswer)
		}
		lines := strings.Split(string(bgptext.Clean(printed)), "\n")
		if reached(lines) {
			return lines, nil
		}
	}
}

func (t *Terminal) lost(after string) error {
	return routerclient.Errorf(routerclient.ReasonUnreachable, "%s: the router ended the session%s", t.session.doing, after)
}

// after quotes the end of what a router printed before it fell silent: a question, mostly.
func after(printed []byte) string {
	const limit = 200
	words := bgptext.Printable(string(bgptext.Clean(printed[max(0, len(printed)-limit):])), limit)
	if words == "" {
		return ""
	}
	return fmt.Sprintf(", after %q", words)
}

// Close ends the session, and with it what was typed there and not committed. It may be called once.
func (t *Terminal) Close() error {
	close(t.stop)
	_ = t.session.channel.Close() // the router may have closed it before
	if t.runner.oneCommand {
		t.runner.drop()
	}
	return nil
}

// endsLikePrompt is true of "edge#", "edge(config)# ", "admin@edge:~$ " and "admin@edge> ". A line of a greeting's frame
// is none.
func endsLikePrompt(line string) bool {
	const longest = 200
	line = strings.TrimRight(line, " ")
	start := strings.TrimRight(line, "#>$%")
	return len(line) <= longest && start != line && strings.Trim(start, "#*-=+ ") != ""
}

// promptStart is the part of a prompt that all modes have in common. IOS and IOS XR cut longer names in the prompts of
// their configuration modes.
func promptStart(prompt string) string {
	const kept = 16
	start := strings.TrimRight(strings.TrimRight(prompt, " "), "#>$%")
	start, _, _ = strings.Cut(start, "(")
	if i := strings.LastIndexAny(start, "~/"); i > 0 && strings.Contains(start[:i], "@") {
		// A shell's prompt names the directory: admin@edge:~$, admin@edge:/config$.
		start, _, _ = strings.Cut(start, ":")
	}
	return start[:min(len(start), kept)]
}
