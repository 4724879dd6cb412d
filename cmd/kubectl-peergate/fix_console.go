package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/term"
	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/connect"
	"github.com/peergate/peergate/internal/fix"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/platform"
	"github.com/peergate/peergate/routerclient/sshexec"
)

const (
	// askTimeout bounds one question to a router.
	askTimeout = 30 * time.Second
	// typeTimeout bounds all lines of one router together; a commit or a saved configuration takes its time.
	typeTimeout = 2 * time.Minute
	// settleTimeout is how long a router may take to show a neighbor that it took.
	settleTimeout = 15 * time.Second
	// undoTimeout bounds taking it back.
	undoTimeout = time.Minute
	// lookInterval is the time between two looks at the sessions of a router.
	lookInterval = time.Second
)

// console is a router as a person's own account reaches it.
type console struct {
	client  routerclient.Client
	runner  routerclient.Runner
	address string
	user    string
}

// ownCredentials are those that the flags name. A person who gives none is asked for a password.
func (f *fixer) ownCredentials(ctx context.Context) (map[string][]byte, error) {
	secret := map[string][]byte{}
	if err := f.into(secret, f.answers); err != nil {
		return nil, err
	}
	if f.passwordFile != "" || f.keyFile != "" || f.tokenFile != "" {
		return secret, nil
	}
	terminal, ok := f.answers.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return secret, nil // the transport says what is missing
	}
	_, _ = fmt.Fprintf(f.out, "Password of %s on the router: ", secret[corev1.BasicAuthUsernameKey])
	password, err := hidden(ctx, int(terminal.Fd()))
	f.say("")
	if err != nil {
		return nil, fmt.Errorf("reading the password: %w", err)
	}
	secret[corev1.BasicAuthPasswordKey] = password
	return secret, nil
}

// hidden reads a line that the terminal does not show. Whatever comes of it, the terminal shows the next one.
func hidden(ctx context.Context, terminal int) ([]byte, error) {
	shown, err := term.GetState(terminal)
	if err != nil {
		return nil, err
	}
	defer func() { _ = term.Restore(terminal, shown) }() // it was done before
	return asked(ctx, func() ([]byte, error) { return term.ReadPassword(terminal) })
}

// open makes the client of a router. Lines are typed over SSH, also where Peergate reads over another transport.
func (f *fixer) open(router *v1alpha1.BGPRouter, secret map[string][]byte) (*console, error) {
	if !canLogIn(secret) {
		return nil, errNoCredentials
	}
	spec := *router.Spec.DeepCopy()
	if f.apply {
		preferSSH(&spec)
	}
	if spec.VRF == "" {
		spec.VRF = routerclient.DefaultVRF
	}
	runner, err := connect.Runner(spec, secret)
	if err != nil {
		return nil, withFlags(err)
	}
	client, err := connect.Client(spec, runner)
	if err != nil {
		return nil, err
	}
	return &console{client: client, runner: runner, address: spec.Address, user: string(secret[corev1.BasicAuthUsernameKey])}, nil
}

var errNoCredentials = errors.New("there is nothing to log in with: give --username, and --identity or --password-file")

func canLogIn(secret map[string][]byte) bool {
	for _, key := range []string{corev1.BasicAuthPasswordKey, corev1.SSHAuthPrivateKey, connect.SecretToken} {
		if len(secret[key]) > 0 {
			return true
		}
	}
	return false
}

// preferSSH changes the transport to SSH where the platform has that. The port in the address is the other transport's.
func preferSSH(spec *v1alpha1.BGPRouterSpec) {
	p, known := platform.Lookup(spec.Platform)
	if !known {
		return
	}
	now, _ := p.Transport(spec.Transport)
	if _, can := p.Transport(string(platform.SSH)); !can || now == platform.SSH {
		return
	}
	spec.Transport = string(platform.SSH)
	if host, _, err := net.SplitHostPort(spec.Address); err == nil {
		spec.Address = host
	}
}

// close ignores the error: what was to be said has been.
func (c *console) close() { _ = c.client.Close() }

func (c *console) find(ctx context.Context, q fix.Question) (fix.Finding, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	snapshot, err := c.client.Snapshot(ctx)
	if err != nil {
		return fix.Finding{}, err
	}
	return fix.Find(snapshot, q, time.Now()), nil
}

func (c *console) apply(ctx context.Context, plan fix.Plan, typed func(string)) error {
	ctx, cancel := context.WithTimeout(ctx, typeTimeout)
	defer cancel()
	return c.router(typed).Apply(ctx, plan)
}

func (c *console) await(ctx context.Context, m routerclient.Missing, timeout time.Duration) error {
	return c.router(func(string) {}).AwaitEstablished(ctx, timeout, m)
}

func (c *console) router(typed func(string)) *fix.Router {
	return &fix.Router{
		Client: c.client, Runner: c.runner, OpenTerminal: c.terminal, Typed: typed,
		Interval: lookInterval, Look: askTimeout, Settle: settleTimeout, UndoTimeout: undoTimeout,
	}
}

func (c *console) terminal(ctx context.Context) (fix.Terminal, error) {
	ssh, ok := c.runner.(*sshexec.Runner)
	if !ok {
		return nil, errors.New("opening a terminal: the router is not reached over SSH")
	}
	return ssh.Terminal(ctx)
}
