package probe_test

import (
	"strings"
	"testing"

	"github.com/peergate/peergate/internal/probe"
)

// TestPrintPeer has the neighbors that are known by an address, by an interface, and by both.
func TestPrintPeer(t *testing.T) {
	for want, s := range map[string]probe.Session{
		"192.0.2.11":   {Peer: "192.0.2.11"},
		"eth0":         {Interface: "eth0"},
		"fe80::1%eth0": {Peer: "fe80::1", Interface: "eth0"},
	} {
		var out strings.Builder
		if err := probe.Print(&out, probe.Report{Sessions: []probe.Session{s}}, ""); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if peer, _, _ := strings.Cut(lines[len(lines)-1], " "); peer != want {
			t.Errorf("peer %q, want %q", peer, want)
		}
	}
}
