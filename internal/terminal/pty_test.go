package terminal_test

import (
	"os"
	"testing"
)

// openTerminal opens a pseudo-terminal.
func openTerminal(t *testing.T) *os.File {
	t.Helper()
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	t.Cleanup(func() { _ = tty.Close() })
	return tty
}
