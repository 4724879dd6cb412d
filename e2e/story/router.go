package story

import (
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
	*routertest.FRRRouter
	options routertest.Options
}

// The credentials of every Router.
const (
	RouterUser     = "peergate"
	RouterPassword = "correct horse battery staple"
)

// NewRouter starts a router without neighbors.
func (s *Story) NewRouter() *Router {
	s.Helper()
	r := &Router{FRRRouter: routertest.NewFRRRouter(time.Now)}
	r.options = routertest.Options{
		User: RouterUser, Password: RouterPassword, HostKeys: []ssh.Signer{routertest.NewKey()}, Handler: r.Handle,
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
func (r *Router) Set(address, state string) { r.SetAll(state, address) }

// SetEstablished gives the router a neighbor whose session has been up since a time, or changes its state to that.
func (r *Router) SetEstablished(address string, since time.Time) {
	r.Change(func(neighbors map[string]routertest.FRRNeighbor) {
		neighbors[address] = routertest.FRRNeighbor{State: "Established", Since: since}
	})
}

// SetAll gives neighbors a state, all of them between two answers.
func (r *Router) SetAll(state string, addresses ...string) {
	r.Change(func(neighbors map[string]routertest.FRRNeighbor) {
		for _, address := range addresses {
			neighbors[address] = routertest.FRRNeighbor{State: state, Since: time.Now()}
		}
	})
}

// Remove takes a neighbor away.
func (r *Router) Remove(address string) {
	r.Change(func(neighbors map[string]routertest.FRRNeighbor) { delete(neighbors, address) })
}
