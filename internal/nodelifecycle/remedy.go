package nodelifecycle

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"net/netip"
	"sync"
	"time"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/platform"
	"github.com/peergate/peergate/routerclient/remedy"
)

// addRemedies adds, for each router that answered and lacks the node, what to type there.
func (r *Reconciler) addRemedies(ctx context.Context, s settings, in verdict.Input) {
	for i := range in.Routers {
		e := &in.Routers[i]
		if e.AskedAt.IsZero() || len(e.Sessions) > 0 || e.ListenRange || len(in.Node.Addresses) == 0 {
			continue
		}
		for j := range s.routers {
			if s.routers[j].Name == e.Router {
				e.Remedy = r.remedy(ctx, &s.routers[j], in.Node.Addresses[0])
			}
		}
	}
}

func (r *Reconciler) remedy(ctx context.Context, router *v1alpha1.BGPRouter, peer netip.Addr) routerclient.Remedy {
	p, ok := platform.Lookup(router.Spec.Platform)
	if !ok || p.Remedy == nil {
		return routerclient.Remedy{}
	}
	missing := routerclient.Missing{Peer: peer, VRF: router.Spec.VRF, LocalASN: r.Table.Summary(router.Name).LocalASN}
	style := r.siblings.of(ctx, r, router.Name, peer)
	if missing.VRF == sessiontable.AnyVRF {
		missing.VRF = cmp.Or(style.VRF, routerclient.DefaultVRF)
	}
	missing.RemoteASN, missing.PeerGroup = style.ASN, style.PeerGroup
	return p.Remedy(missing)
}

// siblings keeps the style of each router's neighbors that are nodes for as long as its answer stands.
type siblings struct {
	mu   sync.Mutex
	last map[siblingsOf]styleAt
}

// siblingsOf are the neighbors on a router that a missing one of IPv4, or of IPv6, is to be like.
type siblingsOf struct {
	router string
	ipv4   bool
}

type styleAt struct {
	remedy.Style
	askedAt time.Time
}

func (s *siblings) of(ctx context.Context, r *Reconciler, router string, peer netip.Addr) remedy.Style {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, askedAt := siblingsOf{router, peer.Is4()}, r.Table.Summary(router).AskedAt
	if last, ok := s.last[key]; ok && last.askedAt.Equal(askedAt) {
		return last.Style
	}
	if s.last == nil {
		s.last = map[siblingsOf]styleAt{}
	}
	// Those of deleted routers are dropped, too.
	maps.DeleteFunc(s.last, func(k siblingsOf, l styleAt) bool { return !l.askedAt.Equal(r.Table.Summary(k.router).AskedAt) })
	found := remedy.Common(peer, r.sessionsOfNodes(ctx, router))
	s.last[key] = styleAt{Style: found, askedAt: askedAt}
	return found
}

// sessionsOfNodes are the router's sessions with neighbors that are nodes. The others, its uplinks above all, are
// configured in another way.
func (r *Reconciler) sessionsOfNodes(ctx context.Context, router string) iter.Seq[routerclient.Session] {
	return func(yield func(routerclient.Session) bool) {
		r.Table.Peers(router, func(peer netip.Addr, sessions []verdict.Session) bool {
			if len(r.nodesWith(ctx, peer.String())) == 0 {
				return true
			}
			for _, s := range sessions {
				if !yield(s.Session) {
					return false
				}
			}
			return true
		})
	}
}
