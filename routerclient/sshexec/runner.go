// Package sshexec runs commands on routers over SSH: one exec channel a command, without a terminal, so that no router
// pages or colors its answer. For a person's command alone it also has a [Terminal], on which lines are typed.
//
// The router's host key is always checked. Deadlines come from the context and hold for everything: connecting, the
// handshake, logging in, and a command that never ends. [golang.org/x/crypto/ssh] knows neither contexts nor deadlines
// past the TCP connection, but ends every wait when its connection is closed; that is what this package does.
package sshexec

import (
	"context"
	"errors"
	"net"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/peergate/peergate/routerclient"
)

// Runner is a [routerclient.Runner]. It keeps its connection from one command to the next, and replaces it when the
// router has dropped it. It is not safe for concurrent use.
type Runner struct {
	address    string // host:port
	user       string
	password   string // "" if there is none
	auth       []ssh.AuthMethod
	peer       hostKeys
	legacy     bool
	oneCommand bool
	maxOutput  int64
	dial       func(ctx context.Context, network, address string) (net.Conn, error)

	reuseTimeout time.Duration
	closeGrace   time.Duration
	kept         *ssh.Client // nil if there is none
}

var _ routerclient.Runner = (*Runner)(nil)

// Run sends the command at most once, whatever happens to the connection. After an error the connection is closed, and
// the next Run opens another.
func (r *Runner) Run(ctx context.Context, command string) (routerclient.Output, error) {
	s, err := r.open(ctx)
	if err != nil {
		return routerclient.Output{}, err
	}
	output, err := s.run(ctx, command)
	if err != nil || r.oneCommand {
		r.drop()
	}
	return output, err
}

// Close ends the connection. A later Run opens another.
func (r *Runner) Close() error {
	r.drop()
	return nil
}

// drop ignores the error of closing: the connection is of no more use, and mostly the router closed it first.
func (r *Runner) drop() {
	if r.kept != nil {
		_ = r.kept.Close()
		r.kept = nil
	}
}

// open returns a session on the kept connection if that still answers, and on a new one otherwise.
func (r *Runner) open(ctx context.Context) (*session, error) {
	if r.kept != nil {
		s, err := r.reopen(ctx)
		if err == nil {
			return s, nil
		}
		r.drop()
		if ctx.Err() != nil {
			return nil, err
		}
	}
	client, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	r.kept = client
	s, err := r.newSession(ctx)
	if err != nil {
		r.drop()
	}
	return s, err
}

func (r *Runner) reopen(ctx context.Context) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, r.reuseTimeout)
	defer cancel()
	return r.newSession(ctx)
}

// ended says what was under way when ctx ended.
func ended(ctx context.Context, doing string) error {
	reason := routerclient.ReasonUnreachable
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		reason = routerclient.ReasonTimeout
	}
	return routerclient.Errorf(reason, "%s: %w", doing, ctx.Err())
}
