package explore

import (
	"flag"
	"slices"
	"strings"
	"testing"
)

var deeper = flag.Int("deeper", 0, "steps by which to go deeper than each scenario says; each multiplies the time by two or three")

// action is something that an actor can do.
type action struct {
	name string
	// atMost is how often it is done in one history; 0 is as often as it can be.
	atMost  int
	enabled func(*world) bool
	do      func(*world)
}

// scenario is a world and what can happen in it.
type scenario struct {
	// depth is how many actions a history has.
	depth   int
	prepare func(*world)
	actions []action
}

// state is one that has been reached, and what can happen next.
type state struct {
	// path is how, as indices into the scenario's actions.
	path []uint8
	next []uint8
}

// explore looks at every state that can be reached, those that are the nearest first, so that the way to the first that
// is wrong is the shortest.
func (s *scenario) explore(t *testing.T) {
	known, memo := map[uint64]bool{}, newMemo()
	start, _ := s.visit(t, nil, known, memo)
	frontier, histories := []state{start}, 0
	for range s.depth + *deeper {
		var reached []state
		for _, from := range frontier {
			for _, i := range from.next {
				histories++
				path := append(slices.Clip(from.path), i)
				if to, isNew := s.visit(t, path, known, memo); isNew {
					reached = append(reached, to)
				}
				if t.Failed() {
					return
				}
			}
		}
		frontier = reached
	}
	t.Logf("%d states, reached in %d ways", len(known), histories)
}

// visit does what a path says, and reports the state that it leads to, and whether that is a new one. A new one is also
// left to come to rest.
func (s *scenario) visit(t *testing.T, path []uint8, known map[uint64]bool, memo *memo) (reached state, isNew bool) {
	w := newWorld(memo)
	defer w.discard()
	s.prepare(w)
	for _, i := range path {
		s.actions[i].do(w)
	}
	if w.broken != nil {
		t.Errorf("%s\n%s", w.broken, s.story(path, w))
		return state{}, false
	}
	reached = state{path: path, next: s.possible(w, path)}
	mark := w.fingerprint(reached.next)
	if known[mark] {
		return state{}, false
	}
	known[mark] = true
	if err := w.settle(); err != nil {
		t.Errorf("%s\n%s", err, s.story(path, w))
	}
	return reached, true
}

// possible are the actions that can follow a path.
func (s *scenario) possible(w *world, path []uint8) []uint8 {
	done := make([]int, len(s.actions))
	for _, i := range path {
		done[i]++
	}
	var possible []uint8
	for i, a := range s.actions {
		if (a.atMost == 0 || done[i] < a.atMost) && (a.enabled == nil || a.enabled(w)) {
			possible = append(possible, uint8(i))
		}
	}
	return possible
}

func (s *scenario) story(path []uint8, w *world) string {
	var b strings.Builder
	for _, i := range path {
		b.WriteString("  " + s.actions[i].name + "\n")
	}
	for _, name := range w.server.names() {
		b.WriteString(describe(w.server.nodes[name]) + "\n")
	}
	return b.String()
}
