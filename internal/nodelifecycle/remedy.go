package nodelifecycle

import (
	"context"
	"net/netip"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/platform"
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
	if missing.VRF == sessiontable.AnyVRF {
		missing.VRF = routerclient.DefaultVRF
	}
	style := r.siblings.of(ctx, r, router.Name)
	missing.RemoteASN, missing.PeerGroup = style.asn, style.group
	return p.Remedy(missing)
}

// style is how a router's neighbors that are nodes are configured, where most of them agree.
type style struct {
	asn   uint32
	group string
}

// siblings keeps the style of each router for as long as its answer stands.
type siblings struct {
	mu   sync.Mutex
	last map[string]styleAt
}

type styleAt struct {
	style
	answers uint64
}

func (s *siblings) of(ctx context.Context, r *Reconciler, router string) style {
	s.mu.Lock()
	defer s.mu.Unlock()
	answers := r.Table.Answers()
	if last, ok := s.last[router]; ok && last.answers == answers {
		return last.style
	}
	if s.last == nil {
		s.last = map[string]styleAt{}
	}
	found := r.commonStyle(ctx, router)
	s.last[router] = styleAt{style: found, answers: answers}
	return found
}

// commonStyle is the style that most of the router's neighbors have that are nodes.
func (r *Reconciler) commonStyle(ctx context.Context, router string) style {
	counts := map[style]int{}
	r.Table.Peers(router, func(peer netip.Addr, sessions []verdict.Session) bool {
		var nodes corev1.NodeList
		err := r.Client.List(ctx, &nodes, client.MatchingFields{addressIndex: peer.String()}, client.UnsafeDisableDeepCopy)
		if err != nil {
			log.FromContext(ctx).Error(err, "Looking up the node of a neighbor", "router", router, "peer", peer)
			return false
		}
		if len(nodes.Items) == 0 {
			return true
		}
		for _, s := range sessions {
			if s.RemoteASN != 0 {
				counts[style{asn: s.RemoteASN, group: s.PeerGroup}]++
			}
		}
		return true
	})
	var best style
	for s, n := range counts {
		if n > counts[best] || (n == counts[best] && (s.asn < best.asn || (s.asn == best.asn && s.group < best.group))) {
			best = s
		}
	}
	return best
}
