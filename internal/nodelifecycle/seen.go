package nodelifecycle

import (
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
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

// another is true if the last Node of this name was another object: what is known of that one does not hold any more.
func (f *firstSeen) another(node *corev1.Node) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.nodes[node.Name]
	return ok && s.uid != node.UID
}

func (f *firstSeen) forget(node string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.nodes, node)
}
