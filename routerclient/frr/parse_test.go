package frr_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/frr"
	"github.com/peergate/peergate/routerclient/replay"
)

const (
	showSummary = `vtysh -c "show bgp vrf all summary json"`
	showGroups  = `vtysh -c "show bgp peer-group json"`
)

// inDefault wraps peers, in JSON, into a summary of the default VRF.
func inDefault(total int, peers string) string {
	return fmt.Sprintf(`{"default":{"ipv4Unicast":{"routerId":"192.0.2.1","as":64512,"peers":{%s},"totalPeers":%d}}}`, peers, total)
}

func snapshotOf(t *testing.T, summary string) (*routerclient.Snapshot, error) {
	t.Helper()
	runner := &replay.Runner{Answers: map[string]routerclient.Output{showSummary: {Stdout: []byte(summary)}}}
	return newClient(runner).Snapshot(t.Context())
}

func TestSession(t *testing.T) {
	peer := netip.MustParseAddr("192.0.2.2")
	for name, test := range map[string]struct {
		json string
		want routerclient.Session
	}{
		"asdot": {
			`"192.0.2.2":{"remoteAs":"65001.1028","localAs":"0.64512","state":"Established","peerUptimeMsec":5000,"pfxRcd":3}`,
			routerclient.Session{
				Peer: peer, RemoteASN: 65001<<16 | 1028, LocalASN: 64512, State: routerclient.Established, Uptime: 5 * time.Second,
				Families: []routerclient.Family{{AFI: routerclient.IPv4, Received: 3}},
			},
		},
		"before 7.4": {
			`"192.0.2.2":{"remoteAs":1,"state":"Established","prefixReceivedCount":7}`,
			routerclient.Session{Peer: peer, RemoteASN: 1, State: routerclient.Established, Families: []routerclient.Family{{AFI: routerclient.IPv4, Received: 7}}},
		},
		"clearing": {
			`"192.0.2.2":{"state":"Clearing","peerUptimeMsec":5000}`,
			routerclient.Session{Peer: peer, State: routerclient.Idle, Detail: "Clearing", Families: []routerclient.Family{{AFI: routerclient.IPv4}}},
		},
		"deleted": {
			`"192.0.2.2":{"state":"Deleted"}`,
			routerclient.Session{Peer: peer, State: routerclient.Idle, Detail: "Deleted", Families: []routerclient.Family{{AFI: routerclient.IPv4}}},
		},
		"too many prefixes": {
			`"192.0.2.2":{"state":"Idle (PfxCt)","peerState":"PfxCt"}`,
			routerclient.Session{Peer: peer, State: routerclient.Idle, Detail: "Idle (PfxCt)", Families: []routerclient.Family{{AFI: routerclient.IPv4}}},
		},
		"shut down, by the peerState only": {
			`"192.0.2.2":{"state":"Idle","peerState":"Admin"}`,
			routerclient.Session{Peer: peer, State: routerclient.Idle, AdminDown: true, Families: []routerclient.Family{{AFI: routerclient.IPv4}}},
		},
		"a state of the future": {
			`"192.0.2.2":{"state":"Meditating\u0000"}`,
			routerclient.Session{Peer: peer, State: routerclient.Unrecognized, Detail: "Meditating", Families: []routerclient.Family{{AFI: routerclient.IPv4}}},
		},
		"policy of a neighbor that is down": {
			`"192.0.2.2":{"state":"Active","peerState":"Policy"}`,
			routerclient.Session{Peer: peer, State: routerclient.Active, Families: []routerclient.Family{{AFI: routerclient.IPv4}}},
		},
		"unnumbered": {
			`"swp1":{"state":"Established","idType":"interface"}`,
			routerclient.Session{Interface: "swp1", State: routerclient.Established, Families: []routerclient.Family{{AFI: routerclient.IPv4}}},
		},
		"link-local with its zone": {
			`"fe80::1%eth0":{"state":"Established","idType":"ipv6"}`,
			routerclient.Session{Peer: netip.MustParseAddr("fe80::1"), Interface: "eth0", State: routerclient.Established, Families: []routerclient.Family{{AFI: routerclient.IPv4}}},
		},
		"a clock gone mad": {
			`"192.0.2.2":{"state":"Established","peerUptimeMsec":9223372036854775807}`,
			routerclient.Session{Peer: peer, State: routerclient.Established, Families: []routerclient.Family{{AFI: routerclient.IPv4}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			snapshot, err := snapshotOf(t, inDefault(1, test.json))
			if err != nil {
				t.Fatal(err)
			}
			test.want.VRF = routerclient.DefaultVRF
			want := []routerclient.Session{test.want}
			if diff := cmp.Diff(want, snapshot.Sessions, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
				t.Errorf("sessions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFamiliesOfOnePeerAreOneSession(t *testing.T) {
	const family = `{"as":64512,"routerId":"192.0.2.1","peers":{"2001:db8::2":{"state":"Established","peerState":%q,"pfxRcd":%d}},"totalPeers":1}`
	summary := fmt.Sprintf(`{"default":{"ipv4Unicast":`+family+`,"ipv6Unicast":`+family+`,"l2VpnEvpn":`+family+`}}`, "Policy", 0, "OK", 4, "OK", 9)
	snapshot, err := snapshotOf(t, summary)
	if err != nil {
		t.Fatal(err)
	}
	if len(snapshot.Sessions) != 1 {
		t.Fatalf("%d sessions, want 1", len(snapshot.Sessions))
	}
	s := snapshot.Sessions[0]
	want := []routerclient.Family{{AFI: routerclient.IPv4, Received: 0}, {AFI: routerclient.IPv6, Received: 4}}
	if diff := cmp.Diff(want, s.Families); diff != "" {
		t.Errorf("families (-want +got):\n%s", diff)
	}
	if s.PolicyBlocked {
		t.Error("blocked by policy, though one family passes")
	}
}

func TestUnusableSummaries(t *testing.T) {
	up := func(name string) string { return fmt.Sprintf(`%q:{"state":"Established"}`, name) }
	for name, test := range map[string]struct {
		stdout string
		want   routerclient.Reason
	}{
		"fewer neighbors than counted":        {inDefault(2, up("192.0.2.2")), routerclient.ReasonAnswerTruncated},
		"no count":                            {`{"default":{"ipv4Unicast":{"peers":{` + up("192.0.2.2") + `}}}}`, routerclient.ReasonAnswerTruncated},
		"fewer than displayed":                {`{"default":{"ipv4Unicast":{"peers":{},"displayedPeers":1,"totalPeers":0}}}`, routerclient.ReasonAnswerTruncated},
		"cut short":                           {inDefault(1, up("192.0.2.2"))[:60], routerclient.ReasonAnswerTruncated},
		"a neighbor twice":                    {inDefault(1, up("192.0.2.2")+","+up("192.0.2.2")), routerclient.ReasonAnswerNotUnderstood},
		"a VRF twice":                         {`{"default":{},"default":{}}`, routerclient.ReasonAnswerNotUnderstood},
		"two answers":                         {`{"default":{}}{}`, routerclient.ReasonAnswerNotUnderstood},
		"junk behind":                         {`{"default":{}} edge# `, routerclient.ReasonAnswerNotUnderstood},
		"no state":                            {inDefault(1, `"192.0.2.2":{}`), routerclient.ReasonAnswerNotUnderstood},
		"two states":                          {`{"default":{"ipv4Unicast":{"peers":{"192.0.2.2":{"state":"Idle"}},"totalPeers":1},"ipv6Unicast":{"peers":{` + up("192.0.2.2") + `},"totalPeers":1}}}`, routerclient.ReasonAnswerNotUnderstood},
		"an address that is none":             {inDefault(1, `"192.0.2.":{"state":"Idle","idType":"ipv4"}`), routerclient.ReasonAnswerNotUnderstood},
		"a name of two words":                 {inDefault(1, `"eth0 json\" -c \"configure":{"state":"Idle"}`), routerclient.ReasonAnswerNotUnderstood},
		"a VRF of two words":                  {`{"red json":{}}`, routerclient.ReasonAnswerNotUnderstood},
		"a router ID that is no address":      {strings.Replace(inDefault(0, ""), "192.0.2.1", "x", 1), routerclient.ReasonAnswerNotUnderstood},
		"negative prefixes":                   {inDefault(1, `"192.0.2.2":{"state":"Idle","pfxRcd":-1}`), routerclient.ReasonAnswerNotUnderstood},
		"an AS number of 33 bits":             {inDefault(1, `"192.0.2.2":{"state":"Idle","remoteAs":4294967296}`), routerclient.ReasonAnswerNotUnderstood},
		"an absurd number":                    {inDefault(1, `"192.0.2.2":{"state":"Idle","peerUptimeMsec":1e400}`), routerclient.ReasonAnswerNotUnderstood},
		"a warning":                           {`{"warning":"View\/Vrf is unknown"}`, routerclient.ReasonAnswerNotUnderstood},
		"an unknown command":                  {"% Unknown command: show bgp vrf all summary json\n", routerclient.ReasonAnswerNotUnderstood},
		"nothing":                             {"", routerclient.ReasonAnswerTruncated},
		"no BGP instance":                     {"{\n}\n", routerclient.ReasonBGPNotRunning},
		"text, where the daemon is not there": {"bgpd is not running\n", routerclient.ReasonBGPNotRunning},
	} {
		t.Run(name, func(t *testing.T) {
			snapshot, err := snapshotOf(t, test.stdout)
			if err == nil {
				t.Fatalf("snapshot %+v, want %s", snapshot, test.want)
			}
			if got := routerclient.ReasonOf(err); got != test.want {
				t.Errorf("reason %s (%v), want %s", got, err, test.want)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		out  routerclient.Output
		want routerclient.Reason
	}{
		"forced command": {routerclient.Output{ExitStatus: 77}, routerclient.ReasonPermissionDenied},
		"sudo":           {routerclient.Output{ExitStatus: 1, Stderr: []byte("sudo: a password is required\n")}, routerclient.ReasonPermissionDenied},
		"no FRR":         {routerclient.Output{ExitStatus: 127, Stderr: []byte("sh: 1: vtysh: not found\n")}, routerclient.ReasonAnswerNotUnderstood},
	} {
		runner := &replay.Runner{Answers: map[string]routerclient.Output{showSummary: test.out}}
		if _, err := newClient(runner).Snapshot(t.Context()); routerclient.ReasonOf(err) != test.want {
			t.Errorf("%s: %v with reason %s, want %s", name, err, routerclient.ReasonOf(err), test.want)
		}
	}
}

func TestListenRanges(t *testing.T) {
	const summary = `{"default":{"ipv4Unicast":{"peerGroupCount":1,"peers":{},"totalPeers":0}}}`
	for name, test := range map[string]struct {
		groups     string
		want       []routerclient.ListenRange
		wantReason routerclient.Reason
	}{
		"two": {
			groups: `{"K8S":{"dynamicRanges":{"IPv4":{"count":1,"ranges":["192.0.2.0/24"]},"IPv6":{"count":1,"ranges":["2001:db8::/64"]}}}}`,
			want: []routerclient.ListenRange{
				{VRF: "default", Prefix: netip.MustParsePrefix("192.0.2.0/24"), PeerGroup: "K8S"},
				{VRF: "default", Prefix: netip.MustParsePrefix("2001:db8::/64"), PeerGroup: "K8S"},
			},
		},
		"a release without the command": {groups: "% Unknown command: show bgp peer-group json\n"},
		"one lost":                      {groups: `{"K8S":{"dynamicRanges":{"IPv4":{"count":2,"ranges":["192.0.2.0/24"]}}}}`, wantReason: routerclient.ReasonAnswerTruncated},
		"not a prefix":                  {groups: `{"K8S":{"dynamicRanges":{"IPv4":{"count":1,"ranges":["192.0.2.0"]}}}}`, wantReason: routerclient.ReasonAnswerNotUnderstood},
		"an empty prefix":               {groups: `{"K8S":{"dynamicRanges":{"IPv4":{"count":1,"ranges":[""]}}}}`, wantReason: routerclient.ReasonAnswerNotUnderstood},
		"cut short":                     {groups: `{"K8S":{"dynamicRanges"`, wantReason: routerclient.ReasonAnswerTruncated},
		"nothing":                       {groups: "", wantReason: routerclient.ReasonAnswerTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			runner := &replay.Runner{Answers: map[string]routerclient.Output{
				showSummary: {Stdout: []byte(summary)},
				showGroups:  {Stdout: []byte(test.groups)},
			}}
			snapshot, err := newClient(runner).Snapshot(t.Context())
			if test.wantReason != "" {
				if err == nil || routerclient.ReasonOf(err) != test.wantReason {
					t.Errorf("error %v, want reason %s", err, test.wantReason)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, snapshot.ListenRanges, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
				t.Errorf("listen ranges (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCommands(t *testing.T) {
	const summary = `{"default":{},"red":{"ipv4Unicast":{"peerGroupCount":1,"peers":{"192.0.2.2":{"state":"Idle"}},"totalPeers":1}},` +
		`"blue":{"ipv4Unicast":{"peers":{"swp1":{"state":"Established"}},"totalPeers":1}}}`
	for name, test := range map[string]struct {
		options frr.Options
		want    []string
	}{
		"plain": {
			want: []string{
				showSummary,
				`vtysh -c "show bgp peer-group json" -c "show bgp vrf red peer-group json"`,
				`vtysh -c "show bgp vrf red neighbors 192.0.2.2 json" -c "show bgp vrf blue neighbors swp1 json"`,
			},
		},
		"one VRF": {
			options: frr.Options{VRF: "default"},
			want:    []string{showSummary, showGroups},
		},
		"prefixed": {
			options: frr.Options{VRF: "blue", CommandPrefix: []string{"sudo", "-n", "ip", "vrf", "exec", "my mgmt"}, Vtysh: "rvtysh"},
			want: []string{
				`sudo -n ip vrf exec "my mgmt" rvtysh -c "show bgp vrf all summary json"`,
				`sudo -n ip vrf exec "my mgmt" rvtysh -c "show bgp vrf blue neighbors swp1 json"`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			router := &anyCommand{answer: func(command string) string {
				switch {
				case strings.Contains(command, "summary"):
					return summary
				case strings.Contains(command, "peer-group"):
					return strings.Repeat("{}\n", strings.Count(command, "-c "))
				}
				return ""
			}}
			if _, err := frr.New(router, test.options).Snapshot(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, router.asked); diff != "" {
				t.Errorf("commands (-want +got):\n%s", diff)
			}
		})
	}
}

// anyCommand answers any command.
type anyCommand struct {
	answer func(command string) string
	asked  []string
}

func (r *anyCommand) Run(_ context.Context, command string) (routerclient.Output, error) {
	r.asked = append(r.asked, command)
	return routerclient.Output{Stdout: []byte(r.answer(command))}, nil
}

func (*anyCommand) Close() error { return nil }

func TestAtMostSixteenReasonsAPoll(t *testing.T) {
	router := &anyCommand{answer: func(command string) string {
		if strings.Contains(command, "summary") {
			return inDefault(100, peers(100, "Active"))
		}
		return ""
	}}
	snapshot, err := newClient(router).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(snapshot.Sessions) != 100 {
		t.Errorf("%d sessions, want 100", len(snapshot.Sessions))
	}
	if got := strings.Count(router.asked[1], "neighbors"); got != 16 {
		t.Errorf("%d neighbors asked for their reason, want 16", got)
	}
}

func TestManyVRFsAreAskedInSeveralCommands(t *testing.T) {
	var summary strings.Builder
	for n := range 150 {
		fmt.Fprintf(&summary, `,"vrf%d":{}`, n)
	}
	router := &anyCommand{answer: func(command string) string {
		if strings.Contains(command, "summary") {
			return "{" + summary.String()[1:] + "}"
		}
		return strings.Repeat(`{"G":{"dynamicRanges":{"IPv4":{"count":1,"ranges":["10.0.0.0/8"]}}}}`, strings.Count(command, "-c "))
	}}
	snapshot, err := newClient(router).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(router.asked) != 4 || len(snapshot.ListenRanges) != 150 {
		t.Errorf("%d commands and %d listen ranges, want 4 and 150", len(router.asked), len(snapshot.ListenRanges))
	}
	if last := snapshot.ListenRanges[149]; last.VRF != "vrf149" {
		t.Errorf("the last listen range is in %s, want vrf149", last.VRF)
	}
}

// TestSlowReasonsDoNotSpoilTheSnapshot has a router that never ends the long form of a neighbor.
func TestSlowReasonsDoNotSpoilTheSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		snapshot, err := newClient(neverEndingReasons{}).Snapshot(ctx)
		if err != nil || ctx.Err() != nil {
			t.Fatalf("error %v, context %v, want a snapshot in time", err, ctx.Err())
		}
		if len(snapshot.Sessions) != 1 {
			t.Errorf("%d sessions, want 1", len(snapshot.Sessions))
		}
	})
}

type neverEndingReasons struct{}

func (neverEndingReasons) Run(ctx context.Context, command string) (routerclient.Output, error) {
	if command == showSummary {
		return routerclient.Output{Stdout: []byte(inDefault(1, peers(1, "Active")))}, nil
	}
	<-ctx.Done()
	return routerclient.Output{}, ctx.Err()
}

func (neverEndingReasons) Close() error { return nil }

func TestReasonOfANeighborThatCameUpMeanwhileIsHistory(t *testing.T) {
	router := &anyCommand{answer: func(command string) string {
		if command == showSummary {
			return inDefault(1, `"192.0.2.2":{"state":"Active"}`)
		}
		return `{"192.0.2.2":{"bgpState":"Established","lastResetDueTo":"Peer closed the session","remoteRouterId":"192.0.2.2"}}`
	}}
	snapshot, err := newClient(router).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s := snapshot.Sessions[0]; s.Detail != "" || s.State != routerclient.Active || s.PeerRouterID != netip.MustParseAddr("192.0.2.2") {
		t.Errorf("session %+v, want Active as the summary said, without a reason", s)
	}
}

// TestNotActivatedIsOnlyAReasonOutsideOfAllFamilies has a neighbor that a family lists, and one that only its peer group
// does.
func TestNotActivatedIsOnlyAReasonOutsideOfAllFamilies(t *testing.T) {
	long := func(peer string) string {
		return `{"` + peer + `":{"bgpState":"Active","lastResetDueTo":"No AFI/SAFI activated for peer"}}`
	}
	router := &anyCommand{answer: func(command string) string {
		switch command {
		case showSummary:
			return `{"default":{"ipv4Unicast":{"peerGroupCount":1,"peers":{"192.0.2.2":{"state":"Active"}},"totalPeers":1}}}`
		case showGroups:
			return `{"K8S":{"remoteAs":64513,"members":{"192.0.2.3":{"status":"Active"}}}}`
		}
		return long("192.0.2.2") + long("192.0.2.3")
	}}
	snapshot, err := newClient(router).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range snapshot.Sessions {
		got[s.Peer.String()] = s.Detail
	}
	if diff := cmp.Diff(map[string]string{"192.0.2.2": "", "192.0.2.3": "No AFI/SAFI activated for peer"}, got); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

// peers returns n peers in the state, as FRR prints them.
func peers(n int, state string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`
    "10.%d.%d.%d":{
      "hostname":"node%d",
      "remoteAs":64513,
      "localAs":64512,
      "version":4,
      "msgRcvd":1000,
      "msgSent":1000,
      "tableVersion":0,
      "outq":0,
      "inq":0,
      "peerUptime":"01:02:03",
      "peerUptimeMsec":3723000,
      "peerUptimeEstablishedEpoch":1795409059,
      "pfxRcd":3,
      "pfxSnt":10,
      "state":%q,
      "peerState":"OK",
      "connectionsEstablished":1,
      "connectionsDropped":0,
      "idType":"ipv4"
    }`, i>>16, i>>8&0xff, i&0xff, i, state)
	}
	return strings.Join(slices.Clip(all), ",")
}
