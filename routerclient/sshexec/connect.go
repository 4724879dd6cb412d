package sshexec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/ssh"

	"github.com/peergate/peergate/routerclient"
)

// connect dials, shakes hands and logs in.
func (r *Runner) connect(ctx context.Context) (*ssh.Client, error) {
	conn, err := r.dial(ctx, "tcp", r.address)
	if err != nil {
		return nil, r.explainDial(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	h := handshake{Runner: r, greeting: &greeting{Conn: conn}}
	c, channels, requests, err := ssh.NewClientConn(h.greeting, r.address, h.config())
	var client *ssh.Client
	if err == nil {
		client = ssh.NewClient(c, channels, requests)
	}
	if !stop() {
		return nil, ended(ctx, h.doing())
	}
	if err != nil {
		return nil, h.explain(err)
	}
	return client, nil
}

// explainDial drops the outer layer of a net error, which repeats the address.
func (r *Runner) explainDial(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	return routerclient.Errorf(routerclient.ReasonUnreachable, "connecting to %s: %w", r.address, err)
}

// handshake notes how far one login came, for the error messages.
type handshake struct {
	*Runner
	greeting *greeting
	// hostKeyAccepted is set by a goroutine of x/crypto/ssh, which may outlive the handshake.
	hostKeyAccepted atomic.Bool
	// refused and accepted are names of RFC 4252 methods: those that the router turned down, and those it would take.
	refused, accepted []string
}

func (h *handshake) config() *ssh.ClientConfig {
	return &ssh.ClientConfig{
		Config:            algorithms(h.legacy),
		User:              h.user,
		Auth:              h.auth,
		HostKeyAlgorithms: h.peer.algorithms(h.legacy),
		HostKeyCallback:   h.checkHostKey,
		AuthCallback:      h.noteMethods,
	}
}

func (h *handshake) checkHostKey(address string, _ net.Addr, key ssh.PublicKey) error {
	if err := h.peer.check(address, key); err != nil {
		return err
	}
	h.hostKeyAccepted.Store(true)
	return nil
}

// noteMethods is called before each method but "none", and after the last. It chooses none itself.
func (h *handshake) noteMethods(c *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	h.accepted = c.AllowedMethods
	h.refused = slices.DeleteFunc(c.TriedMethods, func(method string) bool { return method == "none" })
	return nil, nil
}

func (h *handshake) doing() string {
	if h.hostKeyAccepted.Load() {
		return fmt.Sprintf("authenticating to %s as %q", h.address, h.user)
	}
	return "exchanging keys with " + h.address
}

// explain gives the error of a handshake a reason. The router wrote parts of the error's text, so it is clipped.
func (h *handshake) explain(err error) error {
	if known, ok := errors.AsType[*routerclient.Error](err); ok {
		return known
	}
	if mismatch, ok := errors.AsType[*ssh.AlgorithmNegotiationError](err); ok {
		return h.explainMismatch(mismatch)
	}
	broken := connectionBroke(err)
	if n := len(h.refused); broken && n > 0 {
		h.refused = h.refused[:n-1] // the last one got no answer
	}
	if h.hostKeyAccepted.Load() && (!broken || len(h.refused) > 0) {
		return routerclient.Errorf(routerclient.ReasonAuthenticationFailed, "%s: %s", h.doing(), h.explainRefusal(err))
	}
	if broken {
		return routerclient.Errorf(routerclient.ReasonUnreachable, "%s: the router closed the connection%s", h.doing(), h.afterGreeting())
	}
	return routerclient.Errorf(routerclient.ReasonUnreachable, "%s: %s", h.doing(), h.cause(err))
}

func (h *handshake) afterGreeting() string {
	if words := h.greeting.words(); words != "" {
		return fmt.Sprintf(", after %q", words)
	}
	return ""
}

func (h *handshake) explainRefusal(err error) string {
	if len(h.accepted) == 0 {
		return h.cause(err)
	}
	accepted := clip(strings.Join(h.accepted, ", "))
	if len(h.refused) == 0 {
		return "the Secret has nothing for the methods that the router accepts: " + accepted
	}
	return fmt.Sprintf("the router refused %s (it accepts: %s)", strings.Join(h.refused, ", "), accepted)
}

// shortestSecret is the length below which a password is not looked for: to take out every "a" would leave nothing to read.
const shortestSecret = 4

// cause drops what package ssh puts before the error of every handshake, and the password, should the router say it as it
// hangs up.
func (h *handshake) cause(err error) string {
	text := strings.TrimPrefix(err.Error(), "ssh: handshake failed: ")
	if len(h.password) >= shortestSecret {
		text = strings.ReplaceAll(text, h.password, "…")
	}
	return clip(text)
}

func connectionBroke(err error) bool {
	_, network := errors.AsType[*net.OpError](err)
	return network || errors.Is(err, io.EOF)
}
