package opnsense_test

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/opnsense"
	"github.com/peergate/peergate/routerclient/replay"
)

const (
	getSummary   = "GET /api/quagga/diagnostics/bgpsummary"
	getNeighbors = "GET /api/quagga/diagnostics/bgpneighbors"
)

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New: opnsense.New,
		NotApplicable: map[string]string{
			"vrf":    "OPNsense has no VRFs",
			"banner": "an HTTP answer has nothing before it",
		},
	})
}

func summaryOf(n int, state string) string {
	peers := make([]string, n)
	for i := range peers {
		peers[i] = fmt.Sprintf(`"10.%d.%d.%d":{"remoteAs":64513,"localAs":64512,"version":4,"msgRcvd":4,"msgSent":4,"tableVersion":0,"outq":0,"inq":0,`+
			`"peerUptime":"00:00:02","peerUptimeMsec":2000,"peerUptimeEstablishedEpoch":1795437882,"pfxRcd":2,"pfxSnt":2,"state":"%s","peerState":"OK",`+
			`"connectionsEstablished":1,"connectionsDropped":0,"idType":"ipv4"}`, i>>16, i>>8&0xff, i&0xff, state)
	}
	return fmt.Sprintf(`{"response":{"ipv4Unicast":{"routerId":"192.0.2.1","as":64512,"vrfId":0,"vrfName":"default","peers":{%s},"totalPeers":%d}}}`,
		strings.Join(peers, ","), n)
}

// slowRouter answers the summary at once, and nothing else before its deadline.
type slowRouter struct{ summary string }

func (r *slowRouter) Run(ctx context.Context, command string) (routerclient.Output, error) {
	if command == getSummary {
		return routerclient.Output{Stdout: []byte(r.summary), ExitStatus: 200}, nil
	}
	<-ctx.Done()
	return routerclient.Output{}, ctx.Err()
}

func (*slowRouter) Close() error { return nil }

// TestSlowReasons has a router that takes too long over the reasons. The snapshot comes in time all the same.
func TestSlowReasons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		snapshot, err := opnsense.New(&slowRouter{summaryOf(1, "Active")}).Snapshot(ctx)
		if err != nil || len(snapshot.Sessions) != 1 {
			t.Errorf("snapshot %+v, %v", snapshot, err)
		}
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("took %v of 10s, want half", took)
		}
	})
}

// TestManyNeighborsDown has a table whose reasons would be megabytes.
func TestManyNeighborsDown(t *testing.T) {
	t.Parallel()
	runner := &replay.Runner{Answers: map[string]routerclient.Output{getSummary: {Stdout: []byte(summaryOf(501, "Active")), ExitStatus: 200}}}
	if _, err := opnsense.New(runner).Snapshot(t.Context()); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{getSummary}, runner.Asked()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestFewerThanCounted(t *testing.T) {
	t.Parallel()
	answer := strings.Replace(summaryOf(3, "Established"), `"totalPeers":3`, `"totalPeers":4`, 1)
	_, err := opnsense.New(&replay.Runner{Answers: map[string]routerclient.Output{getSummary: {Stdout: []byte(answer), ExitStatus: 200}}}).Snapshot(t.Context())
	const want = "reading the BGP summary: family ipv4Unicast: 3 neighbors where the router counts 4"
	if err == nil || err.Error() != want || routerclient.ReasonOf(err) != routerclient.ReasonAnswerTruncated {
		t.Errorf("error %v with reason %s, want %s", err, routerclient.ReasonOf(err), want)
	}
}

// TestEmptyCapabilities has neighbors without a capability, whose empty object PHP has made an array, and one whose long
// form cannot be read. They do not cost the next neighbor its reason.
func TestEmptyCapabilities(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{
		"no multiprotocol extensions": `{"bgpState":"Active","lastResetDueTo":"Waiting for NHT","neighborCapabilities":{"multiprotocolExtensions":[]}}`,
		"no capabilities":             `{"bgpState":"Active","lastResetDueTo":"Waiting for NHT","neighborCapabilities":[]}`,
		"unreadable":                  `{"bgpState":7}`,
	} {
		neighbors := `{"response":{"10.0.0.0":` + first + `,"10.0.0.1":{"bgpState":"Active","lastResetDueTo":"Waiting for peer OPEN"}}}`
		snapshot, err := opnsense.New(&replay.Runner{Answers: map[string]routerclient.Output{
			getSummary:   {Stdout: []byte(summaryOf(2, "Active")), ExitStatus: 200},
			getNeighbors: {Stdout: []byte(neighbors), ExitStatus: 200},
		}}).Snapshot(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := []string{"Waiting for NHT", "Waiting for peer OPEN"}
		if name == "unreadable" {
			want[0] = ""
		}
		if diff := cmp.Diff(want, []string{snapshot.Sessions[0].Detail, snapshot.Sessions[1].Detail}); diff != "" {
			t.Errorf("%s: reasons (-want +got):\n%s", name, diff)
		}
	}
}

func TestRemedy(t *testing.T) {
	t.Parallel()
	const note = "Typed in vtysh the neighbor would be lost when OPNsense writes FRR's configuration again."
	lines := func(peer, asn string) []string {
		return []string{
			"Open Routing > BGP > Neighbors and click +", "Enabled: checked", "Peer-IP: " + peer, "Remote AS: " + asn, "Click Save, then Apply",
		}
	}
	for name, test := range map[string]struct {
		missing routerclient.Missing
		want    routerclient.Remedy
	}{
		"IPv4": {
			routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), RemoteASN: 64513},
			routerclient.Remedy{Lines: lines("192.168.3.33", "64513"), Note: note},
		},
		"IPv6, unknown ASN": {
			routerclient.Missing{Peer: netip.MustParseAddr("fd00::33")},
			routerclient.Remedy{Lines: lines("fd00::33", "<ASN of the nodes>"), Note: note + " Replace <ASN of the nodes> by the number."},
		},
	} {
		if diff := cmp.Diff(test.want, opnsense.Remedy(test.missing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzSnapshot(f *testing.F) {
	recordings, err := filepath.Glob("testdata/*/*.stdout")
	if err != nil {
		f.Fatal(err)
	}
	for _, recording := range recordings {
		answer, err := os.ReadFile(recording)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(answer), "")
		f.Add(summaryOf(1, "Active"), string(answer))
	}
	f.Fuzz(func(t *testing.T, summary, neighbors string) {
		_, _ = conformance.Ask(t, opnsense.New, &replay.Runner{Answers: map[string]routerclient.Output{
			getSummary:   {Stdout: []byte(summary), ExitStatus: 200},
			getNeighbors: {Stdout: []byte(neighbors), ExitStatus: 200},
		}})
	})
}

func BenchmarkSnapshot(b *testing.B) {
	answer := []byte(summaryOf(5000, "Established"))
	client := opnsense.New(&replay.Runner{Answers: map[string]routerclient.Output{getSummary: {Stdout: answer, ExitStatus: 200}}})
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Snapshot(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
