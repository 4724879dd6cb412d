package snmp_test

import (
	"os"
	"testing"

	"github.com/peergate/peergate/routerclient/replay"
	"github.com/peergate/peergate/routerclient/snmp"
	"github.com/peergate/peergate/routerclient/snmpwalk"
)

// TestRecord records what an agent on loopback answers to the driver's walks. testdata/record.sh calls it.
func TestRecord(t *testing.T) {
	dir := os.Getenv("PEERGATE_RECORD")
	if dir == "" {
		t.Skip("PEERGATE_RECORD is not set to a folder; testdata/record.sh sets it")
	}
	agent, err := snmpwalk.New(snmpwalk.Config{
		Address: "127.0.0.1:16161", Username: "peergate", AuthPassword: "authpass-peergate", PrivPassword: "privpass-peergate",
	})
	if err != nil {
		t.Fatal(err)
	}
	client := snmp.New(&replay.Recorder{Runner: agent, Dir: dir})
	snapshot, err := client.Snapshot(t.Context())
	t.Logf("recorded: %+v, %v", snapshot, err)
}
