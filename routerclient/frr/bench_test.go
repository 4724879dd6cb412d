package frr_test

import (
	"encoding/json"
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/replay"
)

const largeTable = 5000

func BenchmarkSnapshot(b *testing.B) {
	table := []byte(inDefault(largeTable, peers(largeTable, "Established")))
	client := newClient(&replay.Runner{Answers: map[string]routerclient.Output{showSummary: {Stdout: table}}})
	b.SetBytes(int64(len(table)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Snapshot(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareJSON is what BenchmarkSnapshot is to be compared with: the same fields, decoded and nothing more.
func BenchmarkBareJSON(b *testing.B) {
	table := []byte(inDefault(largeTable, peers(largeTable, "Established")))
	type family struct {
		RouterID string `json:"routerId"`
		AS       uint32 `json:"as"`
		Total    int    `json:"totalPeers"`
		Peers    map[string]struct {
			RemoteAS            uint32 `json:"remoteAs"`
			LocalAS             uint32 `json:"localAs"`
			DynamicPeer         bool   `json:"dynamicPeer"`
			PeerUptimeMsec      int64  `json:"peerUptimeMsec"`
			PfxRcd              uint64 `json:"pfxRcd"`
			PrefixReceivedCount uint64 `json:"prefixReceivedCount"`
			State               string `json:"state"`
			PeerState           string `json:"peerState"`
			IDType              string `json:"idType"`
		} `json:"peers"`
	}
	b.SetBytes(int64(len(table)))
	b.ReportAllocs()
	for b.Loop() {
		var summary map[string]map[string]family
		if err := json.Unmarshal(table, &summary); err != nil {
			b.Fatal(err)
		}
	}
}
