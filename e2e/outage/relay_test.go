package outage_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/peergate/peergate/e2e/install"
)

// relay stands between the replicas and the API server, with an address of its own for each replica: it sees who leads,
// and stops a request on its way.
type relay struct {
	mu     sync.Mutex
	leader string // the address of the replica that last wrote the lease
	hold   *hold  // nil if nothing is to be stopped
}

// point is where on its way a request is stopped.
type point int

const (
	beforeTheServer point = iota
	beforeTheAnswer
)

// hold stops requests until they are let go or dropped.
type hold struct {
	at      point
	matches func(*http.Request) bool
	// stopped tells the address of the replica whose request is stopped.
	stopped chan string

	end     sync.Once
	ended   chan struct{}
	dropped bool // written before ended is closed
}

// via leads a replica through the relay, over plain HTTP on loopback. The relay adds the replica's credentials: client-go
// keeps those of a kubeconfig to itself where there is no TLS.
func (r *relay) via(config *rest.Config) {
	server, err := url.Parse(config.Host)
	if err != nil {
		panic(err) // the cluster's own address
	}
	transport, err := rest.TransportFor(rest.CopyConfig(config))
	if err != nil {
		panic(err) // the cluster's own certificate
	}
	l := &leg{relay: r, transport: transport}
	listener := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:       func(p *httputil.ProxyRequest) { p.SetURL(server) },
		Transport:     l,
		FlushInterval: -1, // a watch must not wait for a buffer to fill
		ErrorHandler:  func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:      log.New(io.Discard, "", 0),
	})
	l.address = listener.URL
	*config = rest.Config{Host: listener.URL}
}

// stop stops the requests that match from now on, at the latest until the end of the test. Only one thing can be stopped
// at a time.
func (r *relay) stop(t *testing.T, at point, matches func(*http.Request) bool) *hold {
	t.Helper()
	h := &hold{at: at, matches: matches, stopped: make(chan string, 100), ended: make(chan struct{})}
	r.mu.Lock()
	r.hold = h
	r.mu.Unlock()
	t.Cleanup(h.forward)
	return h
}

func (h *hold) forward() { h.end.Do(func() { close(h.ended) }) }

// drop breaks the connections of what is stopped, and lets everything after it pass.
func (h *hold) drop() {
	h.end.Do(func() {
		h.dropped = true
		close(h.ended)
	})
}

func (h *hold) over() bool {
	select {
	case <-h.ended:
		return true
	default:
		return false
	}
}

func (h *hold) wait(ctx context.Context, replica string) error {
	h.stopped <- replica
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-h.ended:
	}
	if h.dropped {
		return errors.New("dropped")
	}
	return nil
}

func (r *relay) holdOf(request *http.Request) *hold {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hold == nil || r.hold.over() || !r.hold.matches(request) {
		return nil
	}
	return r.hold
}

// leg is one replica's way through the relay.
type leg struct {
	relay     *relay
	address   string
	transport http.RoundTripper
}

func (l *leg) RoundTrip(request *http.Request) (*http.Response, error) {
	h := l.relay.holdOf(request)
	if h != nil && h.at == beforeTheServer {
		if err := h.wait(request.Context(), l.address); err != nil {
			return nil, err
		}
	}
	response, err := l.transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if isLeaseWrite(request) && response.StatusCode < http.StatusMultipleChoices {
		l.relay.mu.Lock()
		l.relay.leader = l.address
		l.relay.mu.Unlock()
	}
	if h != nil && h.at == beforeTheAnswer {
		if err := h.wait(request.Context(), l.address); err != nil {
			response.Body.Close()
			return nil, err
		}
	}
	return response, nil
}

// isLeaseWrite is true of what only the leader, or who becomes it, does with success.
func isLeaseWrite(request *http.Request) bool {
	return (request.Method == http.MethodPost || request.Method == http.MethodPut) &&
		strings.HasPrefix(request.URL.Path, "/apis/coordination.k8s.io/v1/namespaces/"+install.Namespace+"/leases")
}

// isPatchOf is true of a write to the taints or annotations of a node, and not to its status.
func isPatchOf(node string) func(*http.Request) bool {
	return func(request *http.Request) bool {
		return request.Method == http.MethodPatch && request.URL.Path == "/api/v1/nodes/"+node
	}
}

func (r *relay) leaderAddress() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.leader
}
