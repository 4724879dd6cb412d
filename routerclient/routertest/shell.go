package routertest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
)

// Shell is a router's command line on a terminal. Its context and its input end when the client closes the session.
type Shell func(ctx context.Context, terminal io.ReadWriter)

// CommandLine is the command line of one session: it answers a line, with what the router prints and the prompt of the
// mode that it is in afterwards, and says whether it goes on.
type CommandLine interface {
	Prompt() string
	Type(line string) (answer string, goesOn bool)
}

// Terminal serves each session a command line of its own, behind a greeting, with the echo and the line ends of a
// terminal.
func Terminal(greeting string, login func() CommandLine) Shell {
	return func(_ context.Context, terminal io.ReadWriter) {
		line := login()
		_, _ = fmt.Fprintf(terminal, "%s\r\n%s", onTerminal(greeting), onTerminal(line.Prompt()))
		for typed := bufio.NewScanner(terminal); typed.Scan(); {
			answer := ""
			goesOn := true
			if typed.Text() != "" {
				answer, goesOn = line.Type(typed.Text())
			}
			if answer != "" {
				answer += "\n"
			}
			if !goesOn {
				_, _ = fmt.Fprintf(terminal, "%s\r\n%s", typed.Text(), onTerminal(answer))
				return
			}
			_, _ = fmt.Fprintf(terminal, "%s\r\n%s%s", typed.Text(), onTerminal(answer), onTerminal(line.Prompt()))
		}
	}
}

func onTerminal(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
