package routertest

import (
	"context"
	"io"
	"net"
	"time"

	"golang.org/x/crypto/ssh"
)

// serve returns when the connection is closed.
func (s *Server) serve(conn net.Conn) {
	faults := s.options.Faults
	if faults.SilentHandshake {
		_, _ = io.WriteString(conn, "SSH-2.0-routertest\r\n")
	}
	if faults.Silent || faults.SilentHandshake {
		_, _ = io.Copy(io.Discard, conn)
		return
	}
	if _, err := conn.Write(faults.Preamble); err != nil {
		return
	}
	c, channels, requests, err := ssh.NewServerConn(conn, s.config)
	if err != nil {
		return
	}
	s.tasks.Go(func() { ssh.DiscardRequests(requests) })
	sessions := 0
	for offer := range channels {
		sessions++
		if faults.OneCommandPerConnection && sessions > 1 {
			_ = c.Close()
			continue
		}
		s.open(c, offer)
	}
}

func (s *Server) open(c *ssh.ServerConn, offer ssh.NewChannel) {
	switch {
	case s.options.Faults.SilentSession:
	case s.options.Faults.RefuseSession:
		_ = offer.Reject(ssh.Prohibited, "no session for you")
	case offer.ChannelType() != "session":
		_ = offer.Reject(ssh.UnknownChannelType, offer.ChannelType())
	default:
		channel, requests, err := offer.Accept()
		if err != nil {
			return
		}
		s.tasks.Go(func() { s.serveSession(c, channel, requests) })
	}
}

// serveSession returns when the client has closed the channel or the connection. The handler's context ends with it.
func (s *Server) serveSession(c *ssh.ServerConn, channel ssh.Channel, requests <-chan *ssh.Request) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	running := false
	for request := range requests {
		var exec struct{ Command string }
		isExec := request.Type == "exec" && ssh.Unmarshal(request.Payload, &exec) == nil
		s.record(request.Type, exec.Command)
		if isExec && s.options.Faults.HangUpOnExec {
			_ = c.Close()
			continue
		}
		isShell := request.Type == "shell" && s.options.Shell != nil
		run := (isExec && !s.options.Faults.RefuseExec || isShell) && !running
		_ = request.Reply(run || request.Type == "pty-req" && s.options.Shell != nil, nil)
		switch {
		case run && isShell:
			running = true
			s.tasks.Go(func() { s.runShell(ctx, c, channel) })
		case run:
			running = true
			s.tasks.Go(func() { s.run(ctx, c, channel, exec.Command) })
		}
	}
}

func (s *Server) run(ctx context.Context, c *ssh.ServerConn, channel ssh.Channel, command string) {
	if s.options.Faults.InputEndsSession && s.inputEnds(channel) {
		_ = c.Close()
		return
	}
	status := s.options.Handler(ctx, command, channel, channel.Stderr())
	if status >= 0 {
		_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(status)}))
	}
	if s.options.Faults.AwaitClose {
		_ = channel.CloseWrite()
		return
	}
	_ = channel.Close()
	if s.options.Faults.OneCommandPerConnection {
		_ = c.Close()
	}
}

// inputEnds is true if the client ends its input within the moment that the router takes to begin its answer.
func (s *Server) inputEnds(channel ssh.Channel) bool {
	const moment = 50 * time.Millisecond
	ended := make(chan struct{})
	s.tasks.Go(func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, channel)
	})
	select {
	case <-ended:
		return true
	case <-time.After(moment):
		return false
	}
}

func (s *Server) runShell(ctx context.Context, c *ssh.ServerConn, channel ssh.Channel) {
	s.options.Shell(ctx, channel)
	_ = channel.Close()
	if s.options.Faults.OneCommandPerConnection {
		_ = c.Close()
	}
}
