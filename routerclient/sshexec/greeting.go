package sshexec

import (
	"net"
	"strings"
)

// greeting is a connection that remembers what the other side says before its version (RFC 4253 section 4.2). An OpenSSH
// that turns a client away says there why, and closes the connection: "Exceeded MaxStartups", or "Not allowed at this time"
// after refused passwords.
type greeting struct {
	net.Conn
	// said is the start of it, and line the start of the line that it is at.
	said, line []byte
	// over is true once a version has begun. Other goroutines read from then on, and nothing here changes any more.
	over bool
}

const versionPrefix = "SSH-"

func (g *greeting) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	for _, b := range p[:n] {
		if g.over {
			break
		}
		g.note(b)
	}
	return n, err
}

func (g *greeting) note(b byte) {
	if len(g.said) <= maxWords {
		g.said = append(g.said, b)
	}
	switch {
	case b == '\n':
		g.line = g.line[:0]
	case len(g.line) < len(versionPrefix):
		g.line = append(g.line, b)
		g.over = string(g.line) == versionPrefix
	}
}

// words are what was said in place of a version, or "".
func (g *greeting) words() string {
	if g.over {
		return ""
	}
	return strings.TrimSpace(clip(string(g.said)))
}
