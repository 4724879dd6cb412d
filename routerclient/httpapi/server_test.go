package httpapi_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/httpapi"
)

const (
	account  = "monitor"
	password = "correct-horse-battery"
	token    = "token-that-stays-secret"
	command  = "GET /rest/routing/bgp/session?.proplist=name"
	answer   = `[{"name":"toR2-1"}]`
)

// patience bounds what a test waits for; nothing is expected to take that long.
const patience = 20 * time.Second

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// serve starts a router that answers with handler. Its certificate is httptest's own, for 127.0.0.1 and example.com.
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := unstarted(handler)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func unstarted(handler http.HandlerFunc) *httptest.Server {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	return server
}

func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// configFor trusts the server's certificate as an authority.
func configFor(server *httptest.Server) httpapi.Config {
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return httpapi.Config{Address: server.Listener.Addr().String(), Username: account, Password: password, CA: ca}
}

func fingerprintOf(server *httptest.Server) string {
	digest := sha256.Sum256(server.Certificate().Raw)
	return hex.EncodeToString(digest[:])
}

func newRunner(t *testing.T, config httpapi.Config) *httpapi.Runner {
	t.Helper()
	runner, err := httpapi.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = runner.Close() })
	return runner
}

// wantError checks an error's reason and that its text has the words in it, and no secret.
func wantError(t *testing.T, err error, reason routerclient.Reason, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", reason)
	}
	if got := routerclient.ReasonOf(err); got != reason {
		t.Errorf("reason %s, want %s: %v", got, reason, err)
	}
	for _, words := range words {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("error %q does not say %q", err, words)
		}
	}
	for _, secret := range []string{password, token} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("error %q holds a secret", err)
		}
	}
}

// listen accepts connections and hands each to serve, which must return when the connection is closed.
func listen(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return listener.Addr().String()
}
