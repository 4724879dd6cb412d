package story

import (
	"context"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/routerclient/routertest"
)

// Router is a router that says what its test wants, in FRR's words. The words themselves are proven against the real
// FRR, elsewhere.
type Router struct {
	*routertest.Server
	options routertest.Options

	mu        sync.Mutex
	neighbors map[string]routertest.FRRNeighbor
	handler   routertest.Handler
}

// The credentials of every Router.
const (
	RouterUser     = "peergate"
	RouterPassword = "correct horse battery staple"
)

// NewRouter starts a router without neighbors.
func (s *Story) NewRouter() *Router {
	s.Helper()
	r := &Router{neighbors: map[string]routertest.FRRNeighbor{}}
	r.options = routertest.Options{
		User: RouterUser, Password: RouterPassword, HostKeys: []ssh.Signer{routertest.NewKey()}, Handler: r.answer,
	}
	r.Server = routertest.NewServer(s, r.options)
	return r
}

// Declare creates the BGPRouter and the Secret of a router, for the nodes of this test.
func (s *Story) Declare(r *Router, change ...func(*v1alpha1.BGPRouter, *corev1.Secret)) *v1alpha1.BGPRouter {
	s.Helper()
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: s.ID},
		StringData: map[string]string{
			"username": RouterUser, "password": RouterPassword, "known_hosts": string(r.KnownHosts()),
		},
	}
	router := &v1alpha1.BGPRouter{
		ObjectMeta: metav1.ObjectMeta{Name: s.ID},
		Spec: v1alpha1.BGPRouterSpec{
			Address: r.Addr(), Platform: "FRR", NodeSelector: s.Selector(),
			CredentialsSecretRef: v1alpha1.SecretReference{Name: s.ID},
			// A machine that is busy may take seconds for a poll, which is no reason to know nothing of a node.
			Poll: v1alpha1.PollSpec{
				Interval: duration(2 * time.Second), FastInterval: duration(100 * time.Millisecond),
				Timeout: duration(5 * time.Second), StaleAfter: duration(12 * time.Second),
			},
		},
	}
	for _, f := range change {
		f(router, secret)
	}
	s.Create(secret)
	s.Create(router)
	return router
}

func duration(d time.Duration) metav1.Duration { return metav1.Duration{Duration: d} }

// Set gives the router a neighbor in a state of RFC 4271, or changes its state.
func (r *Router) Set(address, state string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.neighbors[address] = routertest.FRRNeighbor{State: state, Since: time.Now()}
}

// Remove takes a neighbor away.
func (r *Router) Remove(address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.neighbors, address)
}

// Answer has the router answer every command with handler from now on; nil is what it did before.
func (r *Router) Answer(handler routertest.Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handler = handler
}

func (r *Router) answer(ctx context.Context, command string, stdout, stderr io.Writer) int {
	r.mu.Lock()
	handler := r.handler
	r.mu.Unlock()
	if handler == nil {
		handler = routertest.FRR(r.Summary)
	}
	return handler(ctx, command, stdout, stderr)
}

// Summary is what FRR's "show bgp vrf all summary json" prints.
func (r *Router) Summary() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return routertest.FRRSummary(r.neighbors, time.Now())
}
