package frr_test

import (
	"strings"

	"github.com/peergate/peergate/e2e/story"
)

// remedy are the lines to type, as the condition of a node shows them.
func (r *rack) remedy(node string) []string {
	r.Helper()
	message := story.Condition(r.Node(node)).Message
	_, after, found := strings.Cut(message, "Type on edge:\n")
	if !found {
		r.Fatalf("the condition of %s does not say what to type:\n%s", node, message)
	}
	var lines []string
	for line := range strings.Lines(after) {
		typed, indented := strings.CutPrefix(line, "  ")
		if !indented {
			break
		}
		lines = append(lines, strings.TrimSuffix(typed, "\n"))
	}
	return lines
}

// typeIn does what a person does with the lines after logging in: the first starts a program, which reads the others.
func (r *rack) typeIn(lines []string) {
	r.Helper()
	argv := append([]string{"sh", "-c", `program=$1; shift; printf '%s\n' "$@" | "$program"`, "sh"}, lines...)
	answer, err := r.edge.Exec(r.deadline(), argv...)
	r.check(err)
	if strings.Contains(answer, "% ") {
		r.Fatalf("the router refuses the remedy:\n%s", answer)
	}
}
