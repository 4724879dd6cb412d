package lab

import (
	"os"
	"path/filepath"
	"testing"
)

// Release is where a host's programs are from: a directory below the project's bin/ whose usr takes the place of the
// host's /usr. Accounts and configurations are the machine's.
type Release string

const (
	// Machine is the machine itself.
	Machine Release = ""
	// Debian13 has FRR 10, BIRD 3 and OpenBGPD 8. "make deps" unpacks it.
	Debian13 Release = "debian-13"
)

// usr is the directory that takes the place of /usr, or "".
func (r Release) usr() string {
	if r == Machine {
		return ""
	}
	dir, err := filepath.Abs(filepath.Join("..", "..", "bin", string(r), "usr"))
	if err != nil {
		return "" // the working directory is gone
	}
	return dir
}

func requireRelease(t testing.TB, r Release) {
	t.Helper()
	if r == Machine {
		return
	}
	if _, err := os.Stat(r.usr()); err != nil {
		unavailable(t, "no "+r.usr()+"; run make deps")
	}
}
