package frr_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/replay"
)

const showOne = `vtysh -c "show bgp neighbors 192.0.2.2 json"`

// inBoth lists 192.0.2.2 under IPv4 and IPv6.
func inBoth(peer string) string {
	table := fmt.Sprintf(`{"routerId":"192.0.2.1","as":64512,"peers":{"192.0.2.2":%s},"totalPeers":1}`, peer)
	return fmt.Sprintf(`{"default":{"ipv4Unicast":%s,"ipv6Unicast":%s}}`, table, table)
}

func upSince(epoch int) string {
	return fmt.Sprintf(`{"state":"Established","peerUptimeMsec":5000,"peerUptimeEstablishedEpoch":%d}`, epoch)
}

// announcing is the long form of 192.0.2.2 with its side of the multiprotocol extensions.
func announcing(extensions string) string {
	return `{"192.0.2.2":{"bgpState":"Established","remoteRouterId":"10.0.0.2","neighborCapabilities":{"4byteAs":"advertisedAndReceived","multiprotocolExtensions":` + extensions + `}}}`
}

const (
	both     = `{"ipv4Unicast":{"advertisedAndReceived":true},"ipv6Unicast":{"advertisedAndReceived":true}}`
	onlyIPv4 = `{"ipv4Unicast":{"advertisedAndReceived":true},"ipv6Unicast":{"advertised":true}}`
)

// TestNegotiatedFamilies: of a session that is listed under both families, the long form tells which were agreed on.
func TestNegotiatedFamilies(t *testing.T) {
	const yes, no, unknown = routerclient.Carried, routerclient.NotCarried, routerclient.CarriageUnknown
	for name, test := range map[string]struct {
		summary, long string
		ipv4, ipv6    routerclient.Carriage
	}{
		"both":                          {inBoth(upSince(7)), announcing(both), yes, yes},
		"one":                           {inBoth(upSince(7)), announcing(onlyIPv4), yes, no},
		"only the router's other":       {inBoth(upSince(7)), announcing(`{"ipv4Unicast":{"received":true},"ipv6Unicast":{"advertisedAndReceived":true}}`), no, yes},
		"the node announces no family":  {inBoth(upSince(7)), announcing(`{"ipv4Unicast":{"advertised":true},"ipv6Unicast":{"advertised":true}}`), yes, no},
		"only one that is not unicast":  {inBoth(upSince(7)), announcing(`{"ipv4Unicast":{"advertised":true},"l2VpnEvpn":{"advertisedAndReceived":true}}`), no, no},
		"the long form is denied":       {inBoth(upSince(7)), "", unknown, unknown},
		"the session went down by then": {inBoth(upSince(7)), strings.Replace(announcing(both), "Established", "Idle", 1), unknown, unknown},
		"a release without the list":    {inBoth(upSince(7)), `{"192.0.2.2":{"bgpState":"Established"}}`, unknown, unknown},
		"prefixes in one family":        {strings.Replace(inBoth(upSince(7)), `"state"`, `"pfxRcd":1,"state"`, 1), "", yes, unknown},
		"listed under one":              {inDefault(1, `"192.0.2.2":`+upSince(7)), announcing(onlyIPv4), yes, no},
	} {
		t.Run(name, func(t *testing.T) {
			runner := &replay.Runner{Answers: map[string]routerclient.Output{
				showSummary: {Stdout: []byte(test.summary)}, showOne: {Stdout: []byte(test.long)},
			}}
			snapshot, err := newClient(runner).Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s := snapshot.Sessions[0]
			if got := s.Carries(routerclient.IPv4); got != test.ipv4 {
				t.Errorf("IPv4: %d, want %d: %+v", got, test.ipv4, s)
			}
			if got := s.Carries(routerclient.IPv6); got != test.ipv6 {
				t.Errorf("IPv6: %d, want %d: %+v", got, test.ipv6, s)
			}
		})
	}
}

// TestNegotiationIsAskedForOnce: what a session has agreed on stands for as long as it is up.
func TestNegotiationIsAskedForOnce(t *testing.T) {
	runner := &replay.Runner{Answers: map[string]routerclient.Output{showOne: {Stdout: []byte(announcing(onlyIPv4))}}}
	client := newClient(runner)
	for _, step := range []struct {
		name    string
		summary string
		asks    int
	}{
		{"the first poll", inBoth(upSince(100)), 1},
		{"the same session", inBoth(upSince(100)), 1},
		{"rounded up", inBoth(upSince(101)), 1},
		{"rounded up again", inBoth(upSince(102)), 1},
		{"another session", inBoth(upSince(105)), 2},
		{"down", inBoth(`{"state":"Active"}`), 3},
		{"up again, at a time that was seen before", inBoth(upSince(105)), 4},
		{"a release that does not say since when", inBoth(upSince(0)), 5},
		{"that again", inBoth(upSince(0)), 6},
	} {
		runner.Answers[showSummary] = routerclient.Output{Stdout: []byte(step.summary)}
		snapshot, err := client.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		asks := 0
		for _, command := range runner.Asked() {
			if command == showOne {
				asks++
			}
		}
		if asks != step.asks {
			t.Errorf("%s: asked for %d times, want %d", step.name, asks, step.asks)
		}
		s := snapshot.Sessions[0]
		if s.State != routerclient.Established {
			continue
		}
		if s.Carries(routerclient.IPv6) != routerclient.NotCarried {
			t.Errorf("%s: %+v", step.name, s)
		}
		if diff := cmp.Diff(netip.MustParseAddr("10.0.0.2").String(), s.PeerRouterID.String()); diff != "" {
			t.Errorf("%s: BGP identifier (-want +got):\n%s", step.name, diff)
		}
	}
}

// TestDetailsAreBounded: a router with many sessions in both families is asked about a few at a time, and about each at
// last, whatever else there is to ask.
func TestDetailsAreBounded(t *testing.T) {
	const many = 40
	var peers []string
	answers := map[string]string{}
	for i := range many {
		up, idle := fmt.Sprintf("192.0.2.%d", i+1), fmt.Sprintf("198.51.100.%d", i+1)
		peers = append(peers, fmt.Sprintf("%q:%s,%q:%s", up, upSince(100), idle, `{"state":"Idle"}`))
		answers["show bgp neighbors "+up+" json"] = strings.Replace(announcing(both), "192.0.2.2", up, 1)
		answers["show bgp neighbors "+idle+" json"] = "{}"
	}
	table := fmt.Sprintf(`{"peers":{%s},"totalPeers":%d}`, strings.Join(peers, ","), 2*many)
	summary := fmt.Sprintf(`{"default":{"ipv4Unicast":%s,"ipv6Unicast":%s}}`, table, table)
	client := newClient(&anyCommand{answer: func(command string) string {
		if strings.Contains(command, "summary") {
			return summary
		}
		var said strings.Builder
		for question := range strings.SplitSeq(command, `"`) {
			said.WriteString(answers[question])
		}
		return said.String()
	}})
	for poll, want := range []int{16, 32, many, many} {
		snapshot, err := client.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		known := 0
		for _, s := range snapshot.Sessions {
			if s.FamiliesNegotiated {
				known++
			}
		}
		if known != want {
			t.Errorf("poll %d: the families of %d sessions are known, want %d", poll+1, known, want)
		}
	}
}
