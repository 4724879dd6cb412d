// Package routeros reads BGP sessions from MikroTik RouterOS: version 7 over its REST API or over SSH, and version 6
// over SSH.
//
// RouterOS 7 has two lists. The sessions are those that are up, and those that once were, for as long as the router
// remembers them; the connections are what is configured. Only both together tell a neighbor that is down from one that
// is not configured, so both must be answered whole. One poll is two requests over REST and one command over SSH, which
// needs 7.13, the first release that prints JSON.
//
// RouterOS 7 shows no state of a session but established. A neighbor in any other is reported as Idle; why is in the
// last NOTIFICATION messages, where the router kept them. It also counts the prefixes of all address families in one
// number, which each family of a session then shows, if it is one that both sides announced: the first releases of
// version 7 do not show what the router announced, or neither side's. Routes that a filter refuses are counted like
// others.
//
// RouterOS 6 prints text, in which each neighbor is numbered. The same command prints the router's own count first and
// an end mark last, so that a text cut short is not taken for a whole one. It has no listen ranges.
//
// Not run on hardware. Known from MikroTik's manual, from other projects' recordings and from their tests: the lists,
// their properties and spellings, the errors, the text of version 6. Not verified: that ";" and ":put" work in one SSH
// command of every release; that JSON over SSH has the key "established", without which the answer is refused.
package routeros

import (
	"context"

	"github.com/peergate/peergate/routerclient"
)

// Transport is the way to the router.
type Transport int

const (
	// REST is the API of RouterOS 7.1 and later. A command is an HTTP request.
	REST Transport = iota
	// SSH is the command line of RouterOS 6 and 7. A command is a line of RouterOS' scripting language.
	SSH
)

// Options say how the router is reached.
type Options struct {
	Transport Transport
}

// New returns a client that asks RouterOS through runner.
func New(runner routerclient.Runner, options Options) routerclient.Client {
	if options.Transport == SSH {
		return &sshClient{runner: runner}
	}
	return &restClient{runner: runner}
}

type restClient struct{ runner routerclient.Runner }

func (c *restClient) Close() error { return c.runner.Close() }

func (c *restClient) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	out, err := c.runner.Run(ctx, getConnections)
	if err != nil {
		return nil, err
	}
	connections, err := parseREST[connection](out, readingConnections)
	if err != nil {
		return nil, err
	}
	out, err = c.runner.Run(ctx, getSessions)
	if err != nil {
		return nil, err
	}
	sessions, err := parseREST[session](out, readingSessions)
	if err != nil {
		return nil, err
	}
	return merge(connections, sessions)
}

type sshClient struct {
	runner routerclient.Runner
	// release is what the router last said it runs; the zero value if that is not known.
	release release
}

func (c *sshClient) Close() error { return c.runner.Close() }

func (c *sshClient) Snapshot(ctx context.Context) (*routerclient.Snapshot, error) {
	if c.release == (release{}) {
		out, err := c.runner.Run(ctx, printVersion)
		if err != nil {
			return nil, err
		}
		if c.release, err = parseVersion(out); err != nil {
			return nil, err
		}
	}
	snapshot, err := c.ask(ctx)
	if err != nil {
		// The router may have been upgraded.
		c.release = release{}
	}
	return snapshot, err
}

func (c *sshClient) ask(ctx context.Context) (*routerclient.Snapshot, error) {
	command, err := c.release.command()
	if err != nil {
		return nil, err
	}
	out, err := c.runner.Run(ctx, command)
	if err != nil {
		return nil, err
	}
	if c.release.major == 6 {
		return parseText(out)
	}
	connections, sessions, err := parseLists(out)
	if err != nil {
		return nil, err
	}
	return merge(connections, sessions)
}
