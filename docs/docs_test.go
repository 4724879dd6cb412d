// Package docs_test looks whether the documents hang together.
package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	fence   = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

func documents(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"../*.md", "*.md", "*/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, files...)
	}
	return found
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestLinksLeadSomewhere: to a file that is there, and to a heading that it has.
func TestLinksLeadSomewhere(t *testing.T) {
	for _, document := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(read(t, document), ""), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			path, anchor, _ := strings.Cut(match[1], "#")
			target := document
			if path != "" {
				target = filepath.Join(filepath.Dir(document), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s leads to %s: %v", document, match[1], err)
				continue
			}
			if anchor != "" && !slices.Contains(anchors(t, target), anchor) {
				t.Errorf("%s leads to %s, and there is no such heading", document, match[1])
			}
		}
	}
}

// anchors are the names that GitHub gives the headings of a document.
func anchors(t *testing.T, document string) (names []string) {
	t.Helper()
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(read(t, document), ""), -1) {
		name := dropped.ReplaceAllString(strings.ToLower(match[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// TestUninstallIsTheSameEverywhere holds the copies of the steps to those that a test of e2e runs.
func TestUninstallIsTheSameEverywhere(t *testing.T) {
	_, comment, _ := strings.Cut(read(t, "../config/default/kustomization.yaml"), "uninstall")
	var steps []string
	for line := range strings.Lines(comment) {
		if step, ok := strings.CutPrefix(line, "#   "); ok {
			steps = append(steps, strings.TrimSpace(step))
		}
	}
	if len(steps) == 0 {
		t.Fatal("config/default does not say how to uninstall")
	}
	for _, document := range []string{"../README.md", "upgrade.md"} {
		var lines []string
		for line := range strings.Lines(read(t, document)) {
			lines = append(lines, strings.TrimSpace(line))
		}
		if text := strings.Join(lines, "\n"); !strings.Contains(text, strings.Join(steps, "\n")) {
			t.Errorf("%s uninstalls by other steps than config/default", document)
		}
	}
}

// TestTablesAreTables: each begins with a heading and a line of hyphens, and each row has a cell for each column. A row that
// an empty line cuts off is shown as it is typed.
func TestTablesAreTables(t *testing.T) {
	for _, document := range documents(t) {
		columns, row := 0, 0
		for line := range strings.Lines(fence.ReplaceAllString(read(t, document), "")) {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "|") {
				if row == 1 {
					t.Errorf("%s: a table of one line", document)
				}
				row = 0
				continue
			}
			row++
			cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") - 1
			switch {
			case row == 1:
				columns = cells
			case row == 2 && strings.Trim(line, "|- :") != "":
				t.Errorf("%s: no heading stands over %s", document, line)
			case cells != columns:
				t.Errorf("%s: %d cells where the table has %d columns: %s", document, cells, columns, line)
			}
		}
	}
}

// fine are the reasons with which there is nothing to do.
var fine = []string{"SessionEstablished", "Exempt", "NotSelected"}

// TestEveryReasonIsExplained: who reads a word in a condition finds in operations.md what to do about it.
func TestEveryReasonIsExplained(t *testing.T) {
	var rows []string
	for line := range strings.Lines(read(t, "operations.md")) {
		if strings.HasPrefix(line, "| ") {
			first, _, _ := strings.Cut(line[2:], " |")
			rows = append(rows, strings.Split(first, ", ")...)
		}
	}
	seen := 0
	for _, file := range []string{"../routerclient/errors.go", "../internal/verdict/reason.go"} {
		for _, match := range regexp.MustCompile(`(?m)^\tReason\w+ +Reason = "(\w+)"`).FindAllStringSubmatch(read(t, file), -1) {
			seen++
			if reason := match[1]; !slices.Contains(rows, reason) && !slices.Contains(fine, reason) {
				t.Errorf("operations.md does not say what to do about %s", reason)
			}
		}
	}
	if seen < 25 {
		t.Errorf("only %d reasons were found in the source", seen)
	}
}
