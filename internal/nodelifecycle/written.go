package nodelifecycle

import (
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// written remembers the resource version of the last write of each node, so that a decision is never taken on a cache
// that has not seen it yet: it would be written, and told of, twice.
type written struct {
	mu    sync.Mutex
	nodes map[string]string
}

func (w *written) put(node *corev1.Node) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.nodes == nil {
		w.nodes = map[string]string{}
	}
	w.nodes[node.Name] = node.ResourceVersion
}

func (w *written) forget(node string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.nodes, node)
}

// ahead is true if the node, as the cache has it, is from before its last write. Resource versions of one object can
// be compared since KEP-5504; where they cannot, the cache is believed.
func (w *written) ahead(node *corev1.Node) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	last, ok := w.nodes[node.Name]
	if !ok {
		return false
	}
	if order, err := resourceversion.CompareResourceVersion(node.ResourceVersion, last); err == nil && order < 0 {
		return true
	}
	delete(w.nodes, node.Name)
	return false
}
