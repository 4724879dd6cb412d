package httpapi_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/httpapi"
)

func TestRun(t *testing.T) {
	t.Parallel()
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %s\n%s\n%s\n%s", r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), r.Header.Get("Content-Type"), body)
	}
	server := serve(t, echo)
	basic := configFor(server)
	bearer := basic
	bearer.Token = token
	for name, test := range map[string]struct {
		config  httpapi.Config
		command string
		want    string
	}{
		"GET with a password": {
			basic, "GET /api/v2/monitor?vdom=*",
			"GET /api/v2/monitor?vdom=*\nBasic bW9uaXRvcjpjb3JyZWN0LWhvcnNlLWJhdHRlcnk=\n\n",
		},
		"GET with a token": {bearer, "GET /a", "GET /a\nBearer " + token + "\n\n"},
		"POST":             {bearer, "POST /a\n\n{\"b\":1}", "POST /a\nBearer " + token + "\napplication/json\n{\"b\":1}"},
	} {
		got, err := newRunner(t, test.config).Run(within(t, patience), test.command)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(routerclient.Output{Stdout: []byte(test.want), ExitStatus: 200}, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
	}
}

func TestRunRefusesWhatIsNoCommand(t *testing.T) {
	t.Parallel()
	runner := newRunner(t, httpapi.Config{Address: "192.0.2.1", Token: token})
	for _, command := range []string{"", "GET", "GET a", "GET //elsewhere.example/", "GET @elsewhere.example/", "G T /a", "GET /%zz"} {
		_, err := runner.Run(within(t, patience), command)
		wantError(t, err, routerclient.ReasonAnswerNotUnderstood, fmt.Sprintf("asking %q: ", command))
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler    http.HandlerFunc
		wantReason routerclient.Reason
		want       string
	}{
		"refused credentials": {
			answering(401, `{"error":401,"message":"Unauthorized"}`),
			routerclient.ReasonAuthenticationFailed, `HTTP status 401 Unauthorized: {"error":401,"message":"Unauthorized"}`,
		},
		"missing right": {
			answering(403, "<html>"), routerclient.ReasonPermissionDenied, "HTTP status 403 Forbidden",
		},
		"to the login page": {
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/login?redir=%2Frest", http.StatusFound)
			},
			routerclient.ReasonAuthenticationFailed, "HTTP status 302: the router refused the credentials and redirects to its login page",
		},
		"to elsewhere": {
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://elsewhere.example/rest?a=b", http.StatusMovedPermanently)
			},
			routerclient.ReasonAnswerNotUnderstood, "HTTP status 301: the router redirects to https://elsewhere.example, where",
		},
		"to the router without TLS": {
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://"+r.Host+"/rest", http.StatusFound)
			},
			routerclient.ReasonAnswerNotUnderstood, "the router redirects to http://127.0.0.1:",
		},
		"to nowhere": {answering(304, ""), routerclient.ReasonAnswerNotUnderstood, "HTTP status 304 without a location"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newRunner(t, configFor(serve(t, test.handler))).Run(within(t, patience), command)
			wantError(t, err, test.wantReason, test.want, fmt.Sprintf("reading the answer to %q: ", command))
		})
	}
}

// TestEchoedCredentials has a router that says in its error what it was asked with.
func TestEchoedCredentials(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 500} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			_, given, _ := r.BasicAuth()
			_, _ = fmt.Fprintf(w, "no access with %q, %q", r.Header.Get("Authorization"), given)
		})
		basic, bearer := configFor(server), configFor(server)
		bearer.Token = token
		for _, config := range []httpapi.Config{basic, bearer} {
			out, err := newRunner(t, config).Run(within(t, patience), command)
			if err == nil {
				err = httpapi.CheckStatus(out)
			}
			wantError(t, err, routerclient.ReasonOf(err), "no access with")
			if encoded := "bW9uaXRvcjpjb3JyZWN0LWhvcnNlLWJhdHRlcnk="; strings.Contains(err.Error(), encoded) {
				t.Errorf("error %q holds the password, encoded", err)
			}
		}
	}
}

// TestOtherStatus has an error that the driver must read: a router says there what it lacks.
func TestOtherStatus(t *testing.T) {
	t.Parallel()
	const body = `{"detail":"not enough permissions (9)","error":500,"message":"Internal Server Error"}`
	got, err := newRunner(t, configFor(serve(t, answering(500, body)))).Run(within(t, patience), command)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(routerclient.Output{Stdout: []byte(body), ExitStatus: 500}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantError(t, httpapi.CheckStatus(got), routerclient.ReasonAnswerNotUnderstood, "HTTP status 500 Internal Server Error: "+body)
}

// hang answers with the start of a body, and then with nothing until the client goes away.
func hang(start string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if start != "" {
			_, _ = io.WriteString(w, start)
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	}
}

func endless(w http.ResponseWriter, _ *http.Request) {
	chunk := strings.Repeat("x", 1<<16)
	for {
		if _, err := io.WriteString(w, chunk); err != nil {
			return
		}
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ start, want string }{
		"no answer":      {"", fmt.Sprintf("waiting for the answer to %q: context deadline exceeded", command)},
		"half an answer": {"[{", fmt.Sprintf("reading the answer to %q, 2 bytes so far: context deadline exceeded", command)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, hang(test.start))
			_, err := newRunner(t, configFor(server)).Run(within(t, time.Second), command)
			wantError(t, err, routerclient.ReasonTimeout, test.want)
		})
	}
}

// TestSwitchedProtocol has a router that takes the request for one to speak something else. net/http then hands out the bare
// connection, on which no context ends a wait.
func TestSwitchedProtocol(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
		_ = buffered.Flush()
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
		close(closed)
	})
	result := make(chan error, 1)
	runner, ctx := newRunner(t, configFor(server)), within(t, time.Second)
	go func() {
		_, err := runner.Run(ctx, command)
		result <- err
	}()
	select {
	case err := <-result:
		wantError(t, err, routerclient.ReasonAnswerNotUnderstood, fmt.Sprintf("reading the answer to %q: HTTP status 101 Switching Protocols", command))
	case <-time.After(patience):
		server.CloseClientConnections()
		t.Fatal("the command outlives its context")
	}
	select {
	case <-closed:
	case <-time.After(patience):
		t.Error("the connection stays open")
	}
}

// TestDripping has an answer that always goes on, so that no wait is long and only the whole one is.
func TestDripping(t *testing.T) {
	t.Parallel()
	drip := func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for r.Context().Err() == nil {
			<-tick.C
			_, _ = io.WriteString(w, " ")
			_ = http.NewResponseController(w).Flush()
		}
	}
	_, err := newRunner(t, configFor(serve(t, drip))).Run(within(t, time.Second), command)
	wantError(t, err, routerclient.ReasonTimeout, "bytes so far: context deadline exceeded")
}

// TestSilentPort has something that takes the connection and never answers, and must see it closed again.
func TestSilentPort(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	address := listen(t, func(conn net.Conn) {
		_, _ = io.Copy(io.Discard, conn)
		close(closed)
	})
	runner := newRunner(t, httpapi.Config{Address: address, Token: token})
	_, err := runner.Run(within(t, 500*time.Millisecond), command)
	wantError(t, err, routerclient.ReasonTimeout, "negotiating TLS with "+address+": context deadline exceeded")
	select {
	case <-closed:
	case <-time.After(patience):
		t.Error("the connection stays open after the deadline")
	}
}

func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	config := configFor(serve(t, endless))
	config.MaxOutput = 1 << 20
	_, err := newRunner(t, config).Run(within(t, patience), command)
	wantError(t, err, routerclient.ReasonAnswerTooLarge, "more than 1048576 bytes")
}

func TestAnswerOfExactlyTheLimit(t *testing.T) {
	t.Parallel()
	config := configFor(serve(t, answering(200, answer)))
	config.MaxOutput = int64(len(answer))
	if _, err := newRunner(t, config).Run(within(t, patience), command); err != nil {
		t.Error(err)
	}
}

// TestBrokenAnswer has the router close the connection before the end that it announced.
func TestBrokenAnswer(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"fewer bytes than announced": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, answer)
		},
		"no last chunk": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, answer)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newRunner(t, configFor(serve(t, handler))).Run(within(t, patience), command)
			wantError(t, err, routerclient.ReasonAnswerTruncated, "bytes so far: the router closed the connection")
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	refused := httpapi.Config{Address: "127.0.0.1:1", Token: token}
	_, err := newRunner(t, refused).Run(within(t, patience), command)
	wantError(t, err, routerclient.ReasonUnreachable, "connecting to 127.0.0.1:1: connect: connection refused")

	givenUp := make(chan struct{})
	silent := httpapi.Config{Address: "192.0.2.1", Token: token, Dialer: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		close(givenUp)
		return nil, ctx.Err()
	}}
	_, err = newRunner(t, silent).Run(within(t, 200*time.Millisecond), command)
	wantError(t, err, routerclient.ReasonUnreachable, "connecting to 192.0.2.1:443: context deadline exceeded")
	select {
	case <-givenUp:
	case <-time.After(patience):
		t.Error("it goes on connecting after the deadline")
	}

	closing := httpapi.Config{Address: listen(t, func(conn net.Conn) { _ = conn.Close() }), Token: token}
	_, err = newRunner(t, closing).Run(within(t, patience), command)
	wantError(t, err, routerclient.ReasonUnreachable, "negotiating TLS with "+closing.Address+": ")
}

// TestConnectionIsKept counts the connections of several commands, before and after one that timed out.
func TestConnectionIsKept(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	server := unstarted(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hang" {
			<-r.Context().Done()
		}
		_, _ = io.WriteString(w, r.Proto)
	})
	server.EnableHTTP2 = true
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	runner := newRunner(t, configFor(server))
	ask := func() {
		t.Helper()
		if out, err := runner.Run(within(t, patience), command); err != nil || string(out.Stdout) != "HTTP/1.1" {
			t.Fatalf("answer %q, %v", out.Stdout, err)
		}
	}
	for range 3 {
		ask()
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections for three commands, want one", n)
	}
	_, err := runner.Run(within(t, 500*time.Millisecond), "GET /hang")
	wantError(t, err, routerclient.ReasonTimeout)
	ask()
	if n := connections.Load(); n != 2 {
		t.Errorf("%d connections after a command that timed out, want a second", n)
	}
}

// TestRouterRestart has the router forget its connections between two commands.
func TestRouterRestart(t *testing.T) {
	t.Parallel()
	server := serve(t, answering(200, answer))
	runner := newRunner(t, configFor(server))
	for range 3 {
		if _, err := runner.Run(within(t, patience), command); err != nil {
			t.Error(err)
		}
		server.CloseClientConnections()
	}
}
