package routertest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// FRRNeighbor is a neighbor of a router that answers in FRR's words.
type FRRNeighbor struct {
	// State is in the words of RFC 4271 section 8.2.2.
	State string
	// Since is when it became Established.
	Since time.Time
}

// FRRSummary is what FRR prints at a time for "show bgp vrf all summary json", with its neighbors by address.
func FRRSummary(neighbors map[string]FRRNeighbor, now time.Time) []byte {
	peers := map[string]any{}
	for address, n := range neighbors {
		peer := map[string]any{
			"remoteAs": 64513, "localAs": 64512, "state": n.State, "peerState": "OK", "pfxRcd": 0, "idType": "ipv4",
			"peerUptime": "never", "peerUptimeMsec": 0,
		}
		if n.State == "Established" {
			peer["pfxRcd"], peer["peerUptimeMsec"] = 1, now.Sub(n.Since).Milliseconds()
		}
		peers[address] = peer
	}
	answer, err := json.Marshal(map[string]any{"default": map[string]any{"ipv4Unicast": map[string]any{
		"routerId": "192.0.2.1", "as": 64512, "vrfId": 0, "vrfName": "default", "peerCount": len(peers), "peers": peers,
		"failedPeers": 0, "displayedPeers": len(peers), "totalPeers": len(peers), "dynamicPeers": 0,
	}}})
	if err != nil {
		panic(fmt.Sprint("encoding maps and strings: ", err))
	}
	return append(answer, '\n')
}

// FRR answers as a router with that summary, without peer groups and without reasons for what is down.
func FRR(summary func() []byte) Handler {
	return func(_ context.Context, command string, stdout, _ io.Writer) int {
		answer := []byte("{}\n")
		if strings.Contains(command, "summary json") {
			answer = summary()
		}
		_, _ = stdout.Write(answer)
		return 0
	}
}
