// Package httpapi runs commands on routers over HTTPS: a command is an HTTP request in short.
//
// The router's certificate is always checked: against a pinned fingerprint, a given authority, or the system's
// authorities. There is no way to switch that off. Deadlines come from the context and hold for everything, from the
// TCP connection to the last byte of the answer. Redirects are not followed, and no proxy is used: credentials go to
// the router's address and nowhere else.
package httpapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
)

// idleTimeout is how long a connection is kept for the next command. It is short because net/http cannot tell one that
// a rebooted router has forgotten from one that is alive, other than by waiting for an answer.
const idleTimeout = 15 * time.Second

// Runner is a [routerclient.Runner]. It keeps its connection from one command to the next. It is not safe for
// concurrent use.
type Runner struct {
	address            string // host:port
	username, password string
	token              string
	maxOutput          int64
	transport          *http.Transport
}

var _ routerclient.Runner = (*Runner)(nil)

// Run sends one request. The command is "GET /path?query", or "POST /path", an empty line and the JSON to send. The
// output holds the answer's body as Stdout and the HTTP status as ExitStatus.
//
// An answer that says that the credentials are refused or lack a right, or that redirects to somewhere else, is an
// error; any other is left to the driver.
func (r *Runner) Run(ctx context.Context, command string) (routerclient.Output, error) {
	x := exchange{runner: r, command: firstLine(command)}
	output, err := x.run(ctx, command)
	if err != nil {
		// net/http would go on connecting, for a later request to use.
		r.transport.CloseIdleConnections()
		return routerclient.Output{}, err
	}
	return output, nil
}

// Close ends the connection. A later Run opens another.
func (r *Runner) Close() error {
	r.transport.CloseIdleConnections()
	return nil
}

// request returns the HTTP request that a command stands for. Credentials are in its header only.
func (r *Runner) request(ctx context.Context, command string) (*http.Request, error) {
	line, body, _ := strings.Cut(command, "\n\n")
	method, path, _ := strings.Cut(line, " ")
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return nil, errors.New(`want a method, a space and a path that begins with "/"`)
	}
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, "https://"+r.address+path, content)
	if err != nil {
		return nil, errors.New("no valid HTTP request")
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "peergate")
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		request.Header.Set("Authorization", "Bearer "+r.token)
	} else {
		request.SetBasicAuth(r.username, r.password)
	}
	return request, nil
}

// shortestSecret is the length below which a credential is not looked for: to take out every "a" would leave nothing to
// read.
const shortestSecret = 4

// withoutCredentials is what a router said, for an error message. Some repeat there what they were asked with.
func (r *Runner) withoutCredentials(body []byte) []byte {
	basic := base64.StdEncoding.EncodeToString([]byte(r.username + ":" + r.password))
	for _, secret := range []string{r.token, r.password, basic} {
		if len(secret) >= shortestSecret {
			body = bytes.ReplaceAll(body, []byte(secret), []byte("…"))
		}
	}
	return body
}

func firstLine(command string) string {
	line, _, _ := strings.Cut(command, "\n")
	return line
}
