package story

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// marker is a label that History writes to tell the states before it from those after.
const marker = "peergate.dev/e2e-marker"

// History is what became of a node since a moment, without gaps: what must never be is looked for in it.
type History struct {
	story  *Story
	node   string
	events <-chan *corev1.Node
	states []*corev1.Node
	marks  int
}

// Follow begins the history of a node, which may yet have to join.
func (s *Story) Follow(node string) *History {
	s.Helper()
	return &History{story: s, node: node, events: s.WatchNode(node)}
}

// States are all states of the node from Follow until now, the oldest first.
func (h *History) States() []*corev1.Node {
	h.story.Helper()
	h.marks++
	mark := fmt.Sprint(h.marks)
	node := &corev1.Node{}
	node.Name = h.node
	patch := fmt.Appendf(nil, `{"metadata":{"labels":{%q:%q}}}`, marker, mark)
	if err := h.story.Client.Patch(h.story.Context(), node, client.RawPatch("application/merge-patch+json", patch)); err != nil {
		h.story.Fatalf("marking node %s: %v", h.node, err)
	}
	timeout := time.NewTimer(Patience)
	defer timeout.Stop()
	for {
		select {
		case state, open := <-h.events:
			switch {
			case !open:
				h.story.Fatalf("the watch of node %s ended", h.node)
			case state.Labels[marker] == mark:
				return h.states
			}
			delete(state.Labels, marker)
			h.states = append(h.states, state)
		case <-timeout.C:
			h.story.Fatalf("the watch of node %s did not show its last change within %s", h.node, Patience)
		}
	}
}
