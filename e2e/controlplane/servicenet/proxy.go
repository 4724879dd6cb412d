// Package servicenet gives a kube-apiserver a service network without kube-proxy, nodes or root: an HTTP CONNECT proxy
// on a unix socket, which the API server dials through its egress selector (KEP-1281) and which leads the cluster IP
// of a Service to backends that the test names.
package servicenet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

const (
	// dialTimeout is for one backend, which is on loopback. The shortest webhook timeout is 1 s, and it should leave
	// room for a second backend.
	dialTimeout = 300 * time.Millisecond
	// lookupTimeout is for the question which Service has a cluster IP.
	lookupTimeout = 2 * time.Second
)

// Lookup finds the Service that has a cluster IP.
type Lookup func(ctx context.Context, clusterIP netip.Addr) (types.NamespacedName, error)

// Proxy leads connections to Services. Its methods may be called concurrently.
type Proxy struct {
	lookup Lookup
	server *http.Server

	mu       sync.Mutex
	backends map[types.NamespacedName][]string // host:port; the first is the next to be tried
	tunnels  map[net.Conn]struct{}             // both ends of each
	closed   bool
}

// Listen serves on a unix socket, whose path may have at most 107 bytes.
func Listen(socket string, lookup Lookup) (*Proxy, error) {
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("listening for the API server's connections: %w", err)
	}
	p := &Proxy{
		lookup:   lookup,
		backends: make(map[types.NamespacedName][]string),
		tunnels:  make(map[net.Conn]struct{}),
	}
	p.server = &http.Server{Handler: http.HandlerFunc(p.connect), ReadHeaderTimeout: time.Second}
	go func() { _ = p.server.Serve(listener) }() // ends with ErrServerClosed
	return p, nil
}

// Route sets the backends of a Service, each host:port, replacing those it had. Connections take turns between them,
// whichever of the Service's ports they are for, and skip those that do not answer. Connections that are open stay.
func (p *Proxy) Route(service types.NamespacedName, backends ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backends[service] = append([]string(nil), backends...)
}

// Close ends the proxy and every connection through it.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	for conn := range p.tunnels {
		conn.Close()
	}
	p.mu.Unlock()
	return p.server.Close()
}

func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
		return
	}
	backend, dialErr := p.dial(r.Context(), r.RequestURI)
	// Hijacked also to refuse: kube-apiserver repeats nothing of an answer but the status line, and net/http does not
	// let one write that.
	client, _, err := http.NewResponseController(w).Hijack()
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case dialErr != nil:
		fmt.Fprintf(client, "HTTP/1.1 502 %s\r\nConnection: close\r\n\r\n", strings.ReplaceAll(dialErr.Error(), "\n", "; "))
		client.Close()
	default:
		p.tunnel(client, backend)
		return
	}
	if backend != nil {
		backend.Close()
	}
}

// dial connects to the Service that target, a cluster IP and port, belongs to.
func (p *Proxy) dial(ctx context.Context, target string) (net.Conn, error) {
	address, err := netip.ParseAddrPort(target)
	if err != nil {
		return nil, fmt.Errorf("reading the address to connect to: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	service, err := p.lookup(ctx, address.Addr())
	if err != nil {
		return nil, fmt.Errorf("looking for the Service at %s: %w", address.Addr(), err)
	}
	conn, err := dialFirst(p.take(service))
	if err != nil {
		return nil, fmt.Errorf("connecting to Service %s: %w", service, err)
	}
	return conn, nil
}

// take returns the backends in the order to try them, and moves the first to the end for the next connection.
func (p *Proxy) take(service types.NamespacedName) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	backends := p.backends[service]
	if len(backends) == 0 {
		return nil
	}
	p.backends[service] = append(append([]string(nil), backends[1:]...), backends[0])
	return backends
}

func dialFirst(backends []string) (net.Conn, error) {
	err := errors.New("no live backend")
	for _, backend := range backends {
		conn, dialErr := net.DialTimeout("tcp", backend, dialTimeout)
		if dialErr == nil {
			return conn, nil
		}
		err = errors.Join(err, dialErr)
	}
	return nil, err
}

// tunnel copies between the two until either side ends. The 200 goes out only now, so that the API server sees a
// refused connection as refused.
func (p *Proxy) tunnel(client, backend net.Conn) {
	if !p.track(client, backend) {
		return
	}
	defer p.untrack(client, backend)
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	ended := make(chan struct{}, 2)
	splice := func(to, from net.Conn) {
		_, _ = io.Copy(to, from) // a broken connection is the tunnel's ordinary end
		ended <- struct{}{}
	}
	go splice(backend, client)
	go splice(client, backend)
	<-ended
}

func (p *Proxy) track(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		if p.closed {
			conn.Close()
			continue
		}
		p.tunnels[conn] = struct{}{}
	}
	return !p.closed
}

func (p *Proxy) untrack(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		conn.Close()
		delete(p.tunnels, conn)
	}
}
