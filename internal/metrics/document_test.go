package metrics_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the table of docs/metrics.md anew")

const (
	document   = "../../docs/metrics.md"
	beginTable = "<!-- The table is written by: go test ./internal/metrics -update -->\n"
	endTable   = "<!-- end of the table -->\n"
)

func TestDocument(t *testing.T) {
	content, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(content), beginTable)
	got, after, ends := strings.Cut(rest, endTable)
	if !begins || !ends {
		t.Fatalf("%s has no table between %q and %q", document, beginTable, endTable)
	}
	want := table(t)
	if *update {
		if err := os.WriteFile(document, []byte(before+beginTable+want+endTable+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-metrics +document; -update writes it):\n%s", document, diff)
	}
}

func table(t *testing.T) string {
	t.Helper()
	all := families(t)
	var b strings.Builder
	b.WriteString("| metric | type | labels | what it says |\n| --- | --- | --- | --- |\n")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		family := all[name]
		kind := strings.ToLower(family.GetType().String())
		labels := cmp.Or(strings.Join(labelsOf(family), ", "), "none")
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, kind, labels, family.GetHelp())
	}
	return b.String()
}
