package lab

import (
	"context"
	"strings"
)

// typeInShell gives a root shell on the host lines as a person types them. It stops at the first that fails.
func typeInShell(ctx context.Context, h *Host, lines []string) (string, error) {
	return h.Exec(ctx, "sh", "-ec", strings.Join(lines, "\n"))
}
