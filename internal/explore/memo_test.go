package explore

import (
	"encoding/json"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// memo keeps what became of writes: every history begins as another did, and does the same writes again.
type memo struct {
	nodes   map[string]*corev1.Node
	patches map[patching]patchResult
}

// patching is all that the result of a patch depends on. Equal Nodes are one and the same, because of inPrecision.
type patching struct {
	old     *corev1.Node
	kind    types.PatchType
	patch   string
	status  bool
	version int
}

type patchResult struct {
	node *corev1.Node
	err  error
}

func newMemo() *memo {
	return &memo{nodes: map[string]*corev1.Node{}, patches: map[patching]patchResult{}}
}

func (m *memo) patched(p patching, patch func() (*corev1.Node, error)) (*corev1.Node, error) {
	if r, ok := m.patches[p]; ok {
		return r.node, r.err
	}
	node, err := patch()
	m.patches[p] = patchResult{node: node, err: err}
	return node, err
}

// inPrecision is a Node in the precision of JSON, as every client reads it: times have whole seconds.
func (m *memo) inPrecision(node *corev1.Node) (*corev1.Node, error) {
	text, err := json.Marshal(node)
	if err != nil {
		return nil, err
	}
	if known, ok := m.nodes[string(text)]; ok {
		return known, nil
	}
	read := &corev1.Node{}
	m.nodes[string(text)] = read
	return read, json.Unmarshal(text, read)
}
