package lab

import (
	"context"
	"fmt"
	"net/netip"
	"time"
)

// startTimeout is how long a host's programs may take to answer after their start.
const startTimeout = 20 * time.Second

// Router is a host that runs BGP and sshd.
type Router struct {
	*Host
	daemon Daemon
	asn    uint32
	addr   netip.Addr
	ssh    SSH
}

// NewRouter makes a router whose daemon and sshd answer. The first of its BGP instances is that of the default VRF.
func (l *Lab) NewRouter(spec Spec) *Router {
	l.t.Helper()
	require(l.t, sshd)
	ctx, cancel := context.WithTimeout(l.t.Context(), startTimeout)
	defer cancel()
	r := &Router{Host: l.addHost(spec, sshPaths...), daemon: spec.Daemon, asn: spec.BGP.Instances[0].ASN, addr: spec.Addrs[0].Addr()}
	if err := r.daemon.Start(ctx, r.Host); err != nil {
		l.t.Fatalf("starting router %s: %v", r.name, err)
	}
	addr, err := l.connect(r.Host)
	if err != nil {
		l.t.Fatalf("connecting router %s to the machine: %v", r.name, err)
	}
	if r.ssh, err = serveSSH(ctx, r.Host, addr, r.daemon.Access()); err != nil {
		l.t.Fatalf("starting router %s: %v", r.name, err)
	}
	return r
}

// Addr is the router's first address on the lab's network, with which nodes peer.
func (r *Router) Addr() netip.Addr { return r.addr }

// SSH is how the test process logs in to the router.
func (r *Router) SSH() SSH { return r.ssh }

// Type gives the running daemon lines as a person types them after logging in (for FRR in vtysh, for the others in a root
// shell), and returns what it answered. It stops at the first line that the daemon refuses.
func (r *Router) Type(ctx context.Context, lines ...string) (string, error) {
	return r.daemon.Type(ctx, r.Host, lines...)
}

// KillBGPD ends the process that speaks BGP at once (SIGKILL).
func (r *Router) KillBGPD(ctx context.Context) error { return r.daemon.KillBGP(ctx, r.Host) }

// Restart stops the daemon in the orderly way and starts it with the saved configuration; what was typed and not
// saved is lost. After KillBGPD, it starts it anew.
func (r *Router) Restart(ctx context.Context) error {
	if err := r.daemon.Stop(ctx, r.Host); err != nil {
		return err
	}
	return r.daemon.Start(ctx, r.Host)
}

// AdminShutdown shuts down a neighbor of the default VRF.
func (r *Router) AdminShutdown(ctx context.Context, peer netip.Addr) error {
	return r.daemon.SetShutdown(ctx, r.Host, r.asn, peer, true)
}

// AdminEnable takes AdminShutdown back.
func (r *Router) AdminEnable(ctx context.Context, peer netip.Addr) error {
	return r.daemon.SetShutdown(ctx, r.Host, r.asn, peer, false)
}

// Sessions returns the router's neighbors in every VRF, as its own daemon shows them, in order of VRF and address.
func (r *Router) Sessions(ctx context.Context) ([]Session, error) {
	return r.daemon.Sessions(ctx, r.Host)
}

// WaitEstablished returns once the session with peer is Established.
func (r *Router) WaitEstablished(ctx context.Context, peer netip.Addr) error {
	return r.WaitSession(ctx, peer, func(s Session) bool { return s.State == "Established" })
}

// WaitDown returns once the session with peer is not Established, or the router does not have the neighbor.
func (r *Router) WaitDown(ctx context.Context, peer netip.Addr) error {
	return r.WaitSession(ctx, peer, func(s Session) bool { return s.State != "Established" })
}

// WaitSession returns once the router shows a session with peer, in any VRF, for which reached is true. If ctx ends
// first, the error tells what was last seen.
func (r *Router) WaitSession(ctx context.Context, peer netip.Addr, reached func(Session) bool) error {
	return poll(ctx, fmt.Sprintf("waiting for session %s on router %s", peer, r.name), func() error {
		sessions, err := r.Sessions(ctx)
		if err != nil {
			return err
		}
		if s := sessionOf(sessions, peer); !reached(s) {
			return fmt.Errorf("last seen %s", s)
		}
		return nil
	})
}

// sessionOf returns the zero Session, with the peer's address, for a neighbor that is not there.
func sessionOf(sessions []Session, peer netip.Addr) Session {
	for _, s := range sessions {
		if s.Peer == peer {
			return s
		}
	}
	return Session{Peer: peer}
}
