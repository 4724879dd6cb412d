package main

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

const sample = `package p

func (c *counter) add(n int) bool {
	if n < 0 && c.open {
		return false
	}
	c.sum += n
	return true
}
`

func TestMutate(t *testing.T) {
	mutants, err := mutate("p/p.go", []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range mutants {
		got = append(got, m.key())
		if string(m.source) == sample {
			t.Errorf("%s changes nothing", m.key())
		}
		if _, err := parser.ParseFile(token.NewFileSet(), "", m.source, 0); err != nil {
			t.Errorf("%s: %s", m.key(), err)
		}
	}
	for _, want := range []string{
		"return at once",
		"n < 0 && c.open → true || (n < 0 && c.open)",
		"n < 0 && c.open → false && (n < 0 && c.open)",
		"n < 0 && c.open → n < 0 || c.open",
		"n < 0 && c.open → n < 0",
		"n < 0 && c.open → c.open",
		"n < 0 → n <= 0",
		"n < 0 → n >= 0",
		"0 → 1",
		"false → true",
		"drop c.sum += n",
		"true → false",
	} {
		if want = "p/p.go: counter.add: " + want; !slices.Contains(got, want) {
			t.Errorf("%s is not among\n%s", want, strings.Join(got, "\n"))
		}
	}
	if len(got) != 12 {
		t.Errorf("%d mutants:\n%s", len(got), strings.Join(got, "\n"))
	}
}

func TestTally(t *testing.T) {
	m := func(change string) mutant { return mutant{file: "p.go", function: "f", change: change} }
	for name, test := range map[string]struct {
		known   map[string]bool
		results []result
		want    bool
		says    string
	}{
		"enough":              {nil, []result{{m("a"), killed}, {m("b"), killed}, {m("c"), invalid}}, true, "2 of 2 mutants killed: 100.0 %"},
		"too few":             {nil, []result{{m("a"), killed}, {m("b"), survived}}, false, "SURVIVED p.go:0 f: b\n1 of 2 mutants killed: 50.0 %"},
		"equivalent":          {map[string]bool{"p.go: f: b": false}, []result{{m("a"), killed}, {m("b"), survived}}, true, "1 of 1 mutants killed"},
		"not equivalent":      {map[string]bool{"p.go: f: a": false}, []result{{m("a"), killed}}, false, "killed or gone: p.go: f: a"},
		"equivalent and gone": {map[string]bool{"p.go: f: z": false}, []result{{m("a"), killed}}, false, "killed or gone: p.go: f: z"},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			tally := tally{out: &out, known: test.known}
			for _, r := range test.results {
				tally.add(r)
			}
			if got := tally.report(95); got != test.want || !strings.Contains(out.String(), test.says) {
				t.Errorf("report is %t:\n%s", got, out.String())
			}
		})
	}
}
