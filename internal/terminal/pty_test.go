package terminal_test

import (
	"os"
	"testing"

	"github.com/peergate/peergate/routerclient/routertest"
)

// openTerminal opens a pseudo-terminal.
func openTerminal(t *testing.T) *os.File {
	t.Helper()
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		routertest.SkipOutsideCI(t, "no pseudo-terminals here: "+err.Error())
	}
	t.Cleanup(func() { _ = tty.Close() })
	return tty
}
