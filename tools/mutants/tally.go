package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// readEquivalent reads the keys of the mutants that behave as the original does: a line each, below a comment that says
// why.
func readEquivalent(path string) (map[string]bool, error) {
	known := map[string]bool{}
	if path == "" {
		return known, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	explained := false
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "":
			explained = false
		case strings.HasPrefix(line, "#"):
			explained = true
		case !explained:
			return nil, fmt.Errorf("reading %s: no comment says why this is equivalent: %s", path, line)
		default:
			known[line] = false
		}
	}
	return known, lines.Err()
}

// tally counts what became of the mutants.
type tally struct {
	out io.Writer
	// known are the keys of mutants that are listed as equivalent, and whether one was met that survived.
	known   map[string]bool
	results []result
}

func (t *tally) add(r result) {
	if _, ok := t.known[r.key()]; ok && r.outcome == survived {
		t.known[r.key()] = true
		return
	}
	t.results = append(t.results, r)
	if r.outcome == survived {
		fmt.Fprintf(t.out, "%s %s:%d %s: %s\n", r.outcome, r.file, r.line, r.function, r.change)
	}
}

// report prints the numbers, and reports whether they are good enough.
func (t *tally) report(atLeast float64) bool {
	count := map[outcome]int{}
	for _, r := range t.results {
		count[r.outcome]++
	}
	ok := true
	equivalent := 0
	for _, key := range slices.Sorted(maps.Keys(t.known)) {
		if t.known[key] {
			equivalent++
			continue
		}
		ok = false
		fmt.Fprintf(t.out, "listed as equivalent, but killed or gone: %s\n", key)
	}
	all := count[killed] + count[survived]
	percentage := 100.0
	if all > 0 {
		percentage = 100 * float64(count[killed]) / float64(all)
	}
	fmt.Fprintf(t.out, "%d of %d mutants killed: %.1f %%, and %.0f %% are wanted; %d more are equivalent, and %d do not compile\n",
		count[killed], all, percentage, atLeast, equivalent, count[invalid])
	return ok && percentage >= atLeast
}
