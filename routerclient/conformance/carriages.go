package conformance

import (
	"testing"

	"github.com/peergate/peergate/routerclient"
)

// Carriages asks a client of the runner, and returns what its sessions carry, by the neighbor's address and the address
// family, as in "192.0.2.11 IPv6". Tests hold what a driver says with parts of an answer against what it says with all.
func Carriages(t *testing.T, newClient func(routerclient.Runner) routerclient.Client, runner routerclient.Runner) map[string]routerclient.Carriage {
	t.Helper()
	snapshot, err := Ask(t, newClient, runner)
	if err != nil {
		t.Fatal(err)
	}
	carriages := map[string]routerclient.Carriage{}
	for _, s := range snapshot.Sessions {
		for _, afi := range []routerclient.AFI{routerclient.IPv4, routerclient.IPv6} {
			carriages[s.Peer.String()+" "+string(afi)] = s.Carries(afi)
		}
	}
	return carriages
}
