// Package routertest provides a router's SSH server inside the process, for tests and demonstrations, as
// net/http/httptest provides an HTTP server. It answers commands with a [Handler] and can be told to behave as badly as
// routers do.
package routertest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net"
	"slices"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Options configure a Server. The zero value listens on a free port of 127.0.0.1, lets everybody in and knows no
// command.
type Options struct {
	// Addr is the TCP address to listen on; "" stands for 127.0.0.1:0.
	Addr string
	// User is the only user who may log in; "" lets every user in.
	User string
	// Password and AuthorizedKeys are what the user may log in with. If both are empty, anything does.
	Password       string
	AuthorizedKeys []ssh.PublicKey
	// KeyboardInteractive asks for the password by the method of that name, and refuses the method "password".
	KeyboardInteractive bool
	// Banner is sent before the login (RFC 4252 section 5.4).
	Banner string
	// HostKeys are the server's own; none stands for an Ed25519 key made for this server.
	HostKeys []ssh.Signer
	// Algorithms restrict what the server offers; the zero value stands for package ssh's defaults.
	Algorithms ssh.Config
	// Handler answers the commands; nil stands for a Recorded without recordings.
	Handler Handler
	// Shell serves a person's session on a terminal until it returns; nil refuses terminals.
	Shell  Shell
	Faults Faults
}

// Faults are ways in which routers misbehave. Those of a command, such as never to end, are handlers: see Stall.
type Faults struct {
	// Silent accepts connections and says nothing.
	Silent bool
	// SilentHandshake says nothing after its version.
	SilentHandshake bool
	// SilentLogin says nothing when asked to check a credential.
	SilentLogin bool
	// SilentSession leaves the request to open a session unanswered.
	SilentSession bool
	// HangUpOnLogin closes the connection instead of refusing a credential.
	HangUpOnLogin bool
	// Preamble is sent before the version, as routers with a legal notice do (RFC 4253 section 4.2 allows it).
	Preamble []byte
	// RefuseSession refuses to open sessions.
	RefuseSession bool
	// RefuseExec refuses every command.
	RefuseExec bool
	// HangUpOnExec closes the connection instead of running a command.
	HangUpOnExec bool
	// OneCommandPerConnection closes the connection after a command, as Cisco IOS does.
	OneCommandPerConnection bool
	// InputEndsSession takes the end of the client's input for the end of the session, as Cisco IOS XR does, before or in
	// the middle of the answer.
	InputEndsSession bool
	// AwaitClose ends an answer, but leaves it to the client to close the channel.
	AwaitClose bool
}

// Server is a running router. Close it after use.
type Server struct {
	options  Options
	listener net.Listener
	config   *ssh.ServerConfig
	ctx      context.Context
	stop     context.CancelFunc
	tasks    sync.WaitGroup

	mu sync.Mutex
	// conns is nil once the server is closed.
	conns       map[net.Conn]struct{}
	connections int
	requests    []string
	commands    []string
}

// TB is the part of testing.TB that NewServer needs.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// NewServer starts a server that is closed with the test.
func NewServer(tb TB, options Options) *Server {
	tb.Helper()
	s, err := Start(options)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Start starts a server.
func Start(options Options) (*Server, error) {
	if options.Addr == "" {
		options.Addr = "127.0.0.1:0"
	}
	if options.Handler == nil {
		options.Handler = Recorded(nil)
	}
	if len(options.HostKeys) == 0 {
		options.HostKeys = []ssh.Signer{NewKey()}
	}
	listener, err := net.Listen("tcp", options.Addr)
	if err != nil {
		return nil, fmt.Errorf("starting test router: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{options: options, listener: listener, ctx: ctx, stop: stop, conns: make(map[net.Conn]struct{})}
	s.config = s.serverConfig()
	s.tasks.Go(s.accept)
	return s, nil
}

// NewKey returns a new Ed25519 key, for a host or a user.
func NewKey() ssh.Signer {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		panic(err) // package ssh knows Ed25519
	}
	return signer
}

// Addr is host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// KnownHosts is a known_hosts file with all the server's host keys.
func (s *Server) KnownHosts() []byte {
	var file []byte
	for _, key := range s.options.HostKeys {
		file = append(file, knownhosts.Line([]string{s.Addr()}, key.PublicKey())+"\n"...)
	}
	return file
}

// Connections is how many TCP connections the server has accepted.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Commands returns the commands that the server was asked to run, in order, including those it refused.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

// Requests returns the types of all requests made in sessions, in order: "exec", "pty-req", "env" and so on.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// CloseConnections closes all connections and leaves the server running, as a router's idle timeout does.
func (s *Server) CloseConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		_ = conn.Close()
	}
}

// Close stops the server and returns when nothing of it runs any more. It may be called more than once.
func (s *Server) Close() {
	s.stop()
	_ = s.listener.Close()
	s.CloseConnections()
	s.mu.Lock()
	s.conns = nil
	s.mu.Unlock()
	s.tasks.Wait()
}

// accept ends when the listener is closed.
func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		if !s.add(conn) {
			_ = conn.Close()
			return
		}
		s.tasks.Go(func() {
			defer s.remove(conn)
			s.serve(conn)
		})
	}
}

// add returns false if the server is closed.
func (s *Server) add(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		return false
	}
	s.connections++
	s.conns[conn] = struct{}{}
	return true
}

func (s *Server) remove(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

func (s *Server) record(request, command string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, request)
	if request == "exec" {
		s.commands = append(s.commands, command)
	}
}
