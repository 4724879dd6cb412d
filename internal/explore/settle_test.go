package explore

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
)

// settle lets the world come to rest from where it is, and holds where it ends against what must become of every node
// at last, whatever has happened before.
func (w *world) settle() error {
	for _, p := range w.processes {
		w.step(p, p.finish)
	}
	// The lease of every manager but the newest has expired.
	newest := w.processes[len(w.processes)-1]
	if w.router.silent {
		w.wait(2 * tick)
	}
	before := map[string]bool{}
	for name, node := range w.server.nodes {
		before[name] = tainted(node) && !w.unwanted(node)
	}
	const rounds = 6
	for range rounds {
		w.wait(tick)
		w.round(newest)
	}
	writes := w.writes
	w.round(newest)
	if w.broken == nil && w.writes != writes {
		w.broken = fmt.Errorf("a steady cluster costs %d writes", w.writes-writes)
	}
	for _, name := range w.server.names() {
		if w.broken == nil {
			w.broken = w.judgeRest(w.server.nodes[name], before[name])
		}
	}
	return w.broken
}

// round is what happens all day long.
func (w *world) round(p *process) {
	p.sync()
	p.poll(w.router)
	for _, name := range w.server.names() {
		w.step(p, func() { p.begin(name); p.finish() })
	}
}

func (w *world) judgeRest(node *corev1.Node, before bool) error {
	wanted, why := w.mustBeTainted(node, before)
	if tainted(node) != wanted {
		return fmt.Errorf("at last, tainted is %t, though %s: %s", tainted(node), why, describe(node))
	}
	if w.unwanted(node) && node.Annotations[v1alpha1.AnnotationExempt] == "" && condition(node) != nil {
		return fmt.Errorf("at last, %s still has its condition, though no policy is left", describe(node))
	}
	return nil
}

// unwanted is true if it is somebody's will that no policy selects the node.
func (w *world) unwanted(node *corev1.Node) bool {
	return len(w.server.policies) == 0 && w.server.definition.stands(node)
}

func (w *world) mustBeTainted(node *corev1.Node, before bool) (bool, string) {
	switch {
	case node.Annotations[v1alpha1.AnnotationExempt] != "":
		return false, "it is exempt"
	case len(w.server.policies) == 0:
		return before, "no policy is left"
	case w.router.silent && confirmed(node):
		return before, "the router is silent"
	case w.router.silent:
		return true, "it was never confirmed"
	}
	if w.mayBeLost < len(w.server.nodes) && confirmed(node) && !w.router.up[addressOf(node.Name)] {
		// The guard decides, and which node comes first is nobody's concern.
		return tainted(node), ""
	}
	up := w.router.up[addressOf(node.Name)]
	return !up, fmt.Sprintf("its session being up is %t", up)
}
