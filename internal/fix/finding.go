package fix

import (
	"cmp"
	"iter"
	"net/netip"
	"time"

	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/platform"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Question is what is to be found out about one node on one router.
type Question struct {
	// Router is the BGPRouter's name, and Platform and VRF are from its spec.
	Router, Platform, VRF string
	// Node has the node's addresses.
	Node verdict.Node
	// Neighbor is the address of the node that the router is to know; the zero Addr is the first of the node's.
	Neighbor netip.Addr
	// IsNode is true of the addresses of all nodes, whose neighbors are the siblings of the one that is missing.
	IsNode func(netip.Addr) bool
	// LocalASN is the router's AS number as a person says it; 0 is what the router says, which without neighbors is
	// nothing on many platforms. RemoteASN and PeerGroup are the same of the missing neighbor, instead of its siblings'.
	LocalASN, RemoteASN uint32
	PeerGroup           string
}

// Finding is what a router says of a node.
type Finding struct {
	// Answer is what a node's condition is made of, with the remedy for a node that the router lacks.
	Answer verdict.Answer
	// Missing is the neighbor that the router lacks; it means nothing if Lacks is false.
	Missing routerclient.Missing
	Lacks   bool
}

// Find reads what a router said at a time.
func Find(snapshot *routerclient.Snapshot, q Question, now time.Time) Finding {
	table := sessiontable.New()
	table.Record(q.Router, sessiontable.Answer{Snapshot: snapshot, VRF: q.VRF, AskedAt: now, AnsweredAt: now, StaleAfter: time.Hour})
	evidence := table.Evidence(q.Router, q.Node.Addresses)
	var missing routerclient.Missing
	if len(q.Node.Addresses) > 0 {
		missing = q.missing(snapshot)
	}
	if p, ok := platform.Lookup(q.Platform); ok {
		evidence.Remedy = p.Remedy(missing)
	}
	answer := verdict.Ask(evidence, q.Node, now)
	return Finding{Answer: answer, Missing: missing, Lacks: answer.Reason == verdict.ReasonNeighborNotConfigured}
}

func (q Question) missing(snapshot *routerclient.Snapshot) routerclient.Missing {
	m := routerclient.Missing{Peer: q.Neighbor, VRF: q.VRF, LocalASN: snapshot.LocalASN}
	if !m.Peer.IsValid() {
		m.Peer = q.Node.Addresses[0]
	}
	style := remedy.Common(m.Peer, q.siblings(snapshot))
	if m.VRF == sessiontable.AnyVRF {
		m.VRF = cmp.Or(style.VRF, routerclient.DefaultVRF)
	}
	m.LocalASN = cmp.Or(q.LocalASN, m.LocalASN)
	m.RemoteASN = cmp.Or(q.RemoteASN, style.ASN)
	m.PeerGroup = cmp.Or(q.PeerGroup, style.PeerGroup)
	return m
}

// siblings are the router's sessions with nodes. The others, its uplinks above all, are configured in another way.
func (q Question) siblings(snapshot *routerclient.Snapshot) iter.Seq[routerclient.Session] {
	return func(yield func(routerclient.Session) bool) {
		for _, s := range snapshot.Sessions {
			if (q.VRF == sessiontable.AnyVRF || s.VRF == q.VRF) && q.IsNode(s.Peer) && !yield(s) {
				return
			}
		}
	}
}
