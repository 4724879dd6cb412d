package freeport_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/peergate/peergate/e2e/controlplane/freeport"
)

func TestPortsAreFreeDistinctAndNotEphemeral(t *testing.T) {
	seen := map[netip.AddrPort]bool{}
	for range 100 {
		address, err := freeport.Loopback()
		if err != nil {
			t.Fatal(err)
		}
		if seen[address] || !address.Addr().IsLoopback() || address.Port() >= 32768 {
			t.Errorf("got %s: given twice, not loopback, or ephemeral", address)
		}
		seen[address] = true
		listener, err := net.Listen("tcp", address.String())
		if err != nil {
			t.Error(err)
			continue
		}
		listener.Close()
	}
}
