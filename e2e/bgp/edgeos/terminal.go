package edgeos

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/peergate/peergate/routerclient/routertest"
)

// The prompts of the two modes, of an account admin on a router edge.
const (
	operationalPrompt   = "admin@edge:~$ "
	configurationPrompt = "[edit]\nadmin@edge# "
)

// Shell is the command line that a person finds after logging in: a handler for terminals of routertest's SSH server.
// Other than a script, it goes on after a line that is refused.
func (c CLI) Shell(ctx context.Context, terminal io.ReadWriter) {
	routertest.Terminal("Welcome to EdgeOS", func() routertest.CommandLine {
		s := &session{cli: c, ctx: ctx}
		s.mode = &configuration{router: c.Router, out: &s.out}
		return s
	})(ctx, terminal)
}

// session is what one person types.
type session struct {
	cli CLI
	// ctx is that of the whole session: a line is typed without one.
	ctx  context.Context
	mode *configuration
	out  strings.Builder
}

func (s *session) Prompt() string {
	if s.mode.editing {
		return configurationPrompt
	}
	return operationalPrompt
}

func (s *session) Type(line string) (answer string, goesOn bool) {
	s.out.Reset()
	var err error
	pattern, searches := strings.CutPrefix(line, "show configuration commands | grep ")
	switch {
	case !s.mode.editing && line == "exit":
		return "", false
	case !s.mode.editing && searches:
		err = s.showConfiguration(strings.Trim(pattern, `'"`))
	default:
		err = s.mode.run(s.ctx, strings.Fields(line))
	}
	if err != nil {
		fmt.Fprintln(&s.out, err)
	}
	return strings.TrimSuffix(s.out.String(), "\n"), true
}

// showConfiguration knows of neighbors only.
func (s *session) showConfiguration(containing string) error {
	neighbors, err := s.cli.Router.Neighbors(s.ctx)
	if err != nil {
		return err
	}
	for _, n := range neighbors {
		line := fmt.Sprintf("set protocols bgp %d neighbor %s remote-as %d", s.cli.Router.ASN(), n.Addr, n.ASN)
		if strings.Contains(line, containing) {
			fmt.Fprintln(&s.out, line)
		}
	}
	return nil
}
