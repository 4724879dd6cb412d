package httpapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxWords bounds what a router can write into an error message, in bytes.
const maxWords = 200

// exchange is one request and its answer.
type exchange struct {
	runner  *Runner
	command string
	// stage is set by goroutines of net/http, which may outlive the request.
	stage atomic.Pointer[string]
}

func (x *exchange) run(ctx context.Context, command string) (routerclient.Output, error) {
	x.enter("connecting to " + x.runner.address)
	request, err := x.runner.request(httptrace.WithClientTrace(ctx, x.trace()), command)
	if err != nil {
		return routerclient.Output{}, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "asking %q: %w", x.command, err)
	}
	response, err := x.runner.transport.RoundTrip(request)
	if err != nil {
		return routerclient.Output{}, x.explain(ctx, err)
	}
	defer response.Body.Close()
	x.enter(fmt.Sprintf("reading the answer to %q", x.command))
	if response.StatusCode == http.StatusSwitchingProtocols {
		// What looks like its body is the bare connection, which ctx does not close.
		return routerclient.Output{}, fmt.Errorf("%s: %w", x.doing(), CheckStatus(routerclient.Output{ExitStatus: response.StatusCode}))
	}
	body, err := x.read(ctx, response.Body)
	if err != nil {
		return routerclient.Output{}, err
	}
	if response.StatusCode != http.StatusOK {
		body = x.runner.withoutCredentials(body)
	}
	output := routerclient.Output{Stdout: body, ExitStatus: response.StatusCode}
	return output, x.checkAccess(response, output)
}

// trace notes how far the request came, for the error messages.
func (x *exchange) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		TLSHandshakeStart: func() { x.enter("negotiating TLS with " + x.runner.address) },
		GotConn:           func(httptrace.GotConnInfo) { x.enter(fmt.Sprintf("waiting for the answer to %q", x.command)) },
	}
}

func (x *exchange) enter(stage string) { x.stage.Store(&stage) }

func (x *exchange) doing() string { return *x.stage.Load() }

func (x *exchange) read(ctx context.Context, from io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, x.runner.maxOutput+1))
	if int64(len(body)) > x.runner.maxOutput {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerTooLarge, "%s: more than %d bytes", x.doing(), x.runner.maxOutput)
	}
	// A router that notices that the request has been given up may end its answer as if it were whole.
	if err == nil && ctx.Err() == nil {
		return body, nil
	}
	x.enter(fmt.Sprintf("%s, %d bytes so far", x.doing(), len(body)))
	if ctx.Err() != nil {
		return nil, x.ended(ctx)
	}
	return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: the router closed the connection", x.doing())
}

// checkAccess returns an error for an answer that is about the credentials, not about BGP.
func (x *exchange) checkAccess(response *http.Response, output routerclient.Output) error {
	switch status := response.StatusCode; {
	case status >= 300 && status < 400:
		return x.explainRedirect(response)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fmt.Errorf("%s: %w", x.doing(), CheckStatus(output))
	}
	return nil
}

// explainRedirect takes a redirect within the router for one to its login page: a request for an API has no other.
func (x *exchange) explainRedirect(response *http.Response) error {
	location, err := response.Location()
	if err != nil {
		return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: HTTP status %d without a location", x.doing(), response.StatusCode)
	}
	if location.Hostname() == response.Request.URL.Hostname() && location.Scheme == "https" {
		return routerclient.Errorf(routerclient.ReasonAuthenticationFailed,
			"%s: HTTP status %d: the router refused the credentials and redirects to its login page", x.doing(), response.StatusCode)
	}
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood,
		"%s: HTTP status %d: the router redirects to %s, where the credentials are not sent; set the address that answers itself",
		x.doing(), response.StatusCode, bgptext.Printable(location.Scheme+"://"+location.Host, maxWords))
}

// explain gives the error of a request that got no answer a reason. The router wrote parts of the error's text, so it
// is clipped.
func (x *exchange) explain(ctx context.Context, err error) error {
	if known, ok := errors.AsType[*routerclient.Error](err); ok {
		return fmt.Errorf("%s: %w", x.doing(), known)
	}
	if ctx.Err() != nil {
		return x.ended(ctx)
	}
	if untrusted, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("%s: %w", x.doing(), explainUntrusted(untrusted))
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return routerclient.Errorf(routerclient.ReasonUnreachable, "%s: what answers there does not speak TLS", x.doing())
	}
	if isAlgorithmMismatch(err) {
		return routerclient.Errorf(routerclient.ReasonAlgorithmMismatch, "%s: TLS 1.2 or newer with a common algorithm is needed: %s", x.doing(), cause(err))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return routerclient.Errorf(routerclient.ReasonUnreachable, "%s: the router closed the connection", x.doing())
	}
	return routerclient.Errorf(routerclient.ReasonUnreachable, "%s: %s", x.doing(), cause(err))
}

// cause drops the outer layer of a net error, which repeats the address.
func cause(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		err = op.Err
	}
	return bgptext.Printable(err.Error(), maxWords)
}

// isAlgorithmMismatch goes by the words of crypto/tls, which exports no type for them.
func isAlgorithmMismatch(err error) bool {
	text := err.Error()
	for _, words := range []string{"handshake failure", "protocol version", "no cipher suite", "insufficient security", "unsupported"} {
		if strings.Contains(text, "tls: ") && strings.Contains(text, words) {
			return true
		}
	}
	return false
}

// ended says what was under way when ctx ended.
func (x *exchange) ended(ctx context.Context) error {
	reason := routerclient.ReasonUnreachable
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		reason = routerclient.ReasonTimeout
		if strings.HasPrefix(x.doing(), "connecting") {
			reason = routerclient.ReasonUnreachable
		}
	}
	return routerclient.Errorf(reason, "%s: %w", x.doing(), ctx.Err())
}
