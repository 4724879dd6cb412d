package nodelifecycle

import (
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/peergate/peergate/internal/verdict"
)

// firstSeen remembers when each Node object was first seen by this process. It is no matter of creationTimestamp:
// that is by another clock than the routers' answers are.
type firstSeen struct {
	mu    sync.Mutex
	nodes map[string]sighting
}

type sighting struct {
	uid types.UID
	at  time.Time
	// met has each policy at most once. It is no map: there are few policies, and thousands of nodes.
	met []metAt
	// transition is what the node's condition says of when it last changed, and changed is the same by our own clock.
	transition, changed time.Time
}

// metAt is when a node was last not known to lack what a policy wants.
type metAt struct {
	policy string
	at     time.Time
}

func (f *firstSeen) at(node *corev1.Node, now time.Time) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.nodes == nil {
		f.nodes = map[string]sighting{}
	}
	if s, ok := f.nodes[node.Name]; ok && s.uid == node.UID {
		return s.at
	}
	f.nodes[node.Name] = sighting{uid: node.UID, at: now}
	return now
}

// peek is at for those who do not decide about the node: whether it is another than the last is for Reconcile to find out.
func (f *firstSeen) peek(node *corev1.Node, now time.Time) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s, ok := f.nodes[node.Name]; ok && s.uid == node.UID {
		return s.at
	}
	return now
}

// ownTime is when the node's condition last changed, by the clock of now. The two clocks are held against each other once
// for each change: where ours is set while a grace period runs, as a machine's without a battery is when it has found its
// time server, the period takes no less, and no more.
func (f *firstSeen) ownTime(node *corev1.Node, transition, now time.Time) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.nodes[node.Name]
	if ok && s.uid == node.UID && s.transition.Equal(transition) {
		return s.changed
	}
	changed := now.Add(-now.Sub(transition))
	if ok && s.uid == node.UID {
		s.transition, s.changed = transition, changed
		f.nodes[node.Name] = s
	}
	return changed
}

// another is true if the last Node of this name was another object: what is known of that one does not hold any more.
func (f *firstSeen) another(node *corev1.Node) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.nodes[node.Name]
	return ok && s.uid != node.UID
}

// noteMet remembers the policies that the node is not known to fall short of now, and forgets those that do not select
// it any more.
func (f *firstSeen) noteMet(node *corev1.Node, selecting []verdict.Policy, met []string, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.nodes[node.Name]
	if !ok || s.uid != node.UID {
		return
	}
	s.met = slices.DeleteFunc(s.met, func(m metAt) bool {
		return !slices.ContainsFunc(selecting, func(p verdict.Policy) bool { return p.Name == m.policy })
	})
	for _, policy := range met {
		if at := s.indexOf(policy); at >= 0 {
			s.met[at].at = now
		} else {
			s.met = append(s.met, metAt{policy, now})
		}
	}
	f.nodes[node.Name] = s
}

func (s sighting) indexOf(policy string) int {
	return slices.IndexFunc(s.met, func(m metAt) bool { return m.policy == policy })
}

func (f *firstSeen) metAt(node *corev1.Node, policy string) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.nodes[node.Name]
	if !ok || s.uid != node.UID {
		return time.Time{}
	}
	if at := s.indexOf(policy); at >= 0 {
		return s.met[at].at
	}
	return time.Time{}
}

func (f *firstSeen) forget(node string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.nodes, node)
}
