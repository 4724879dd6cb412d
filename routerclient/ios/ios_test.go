package ios_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/ios"
	"github.com/peergate/peergate/routerclient/replay"
)

const (
	showSummary   = "show bgp all summary"
	countGroups   = "show bgp all summary | count listen range group members"
	showNeighbors = "show bgp all neighbors | include For address family|BGP neighbor is|Member of peer-group|" +
		"Administratively shut|remote router ID|BGP state =|Address family|Last reset"
)

func newClient(runner routerclient.Runner) routerclient.Client {
	return ios.New(runner, ios.Options{})
}

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Driver{
		New: newClient,
		NotApplicable: map[string]string{
			"not_running":    "BGP is a part of IOS: it runs where it is configured",
			"policy_blocked": "IOS accepts routes without a policy",
		},
	})
}

func TestCommandsFitIOS(t *testing.T) {
	const limit = 254
	if n := len(showNeighbors); n > limit {
		t.Errorf("a command of %d characters, IOS takes %d", n, limit)
	}
}

// seen is what napalm's test data says of a neighbor in the recording beside it.
type seen struct {
	Up       bool   `json:"is_up"`
	Enabled  bool   `json:"is_enabled"`
	ASN      uint32 `json:"remote_as"`
	RouterID string `json:"remote_id"`
	Uptime   int    `json:"uptime"` // seconds, -1 if down
}

// TestCapture asks a router that nobody here configured: its summary, and its neighbors, which were recorded family by
// family and without the router's filter.
func TestCapture(t *testing.T) {
	captures := os.Getenv("PEERGATE_CAPTURES")
	if captures == "" {
		t.Skip("PEERGATE_CAPTURES is not set to a folder of captures")
	}
	read := func(file string) []byte {
		content, err := os.ReadFile(filepath.Join(captures, "ios", file))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	neighbors := "For address family: IPv4 Unicast\n" + string(read("normal.show_bgp_ipv4_unicast_neighbors.txt")) +
		"\nFor address family: IPv6 Unicast\n" + string(read("normal.show_bgp_ipv6_unicast_neighbors.txt"))
	snapshot, err := conformance.Ask(t, newClient, &replay.Runner{Answers: map[string]routerclient.Output{
		showSummary:   {Stdout: read("normal.show_bgp_all_summary.txt"), ExitStatus: -1},
		countGroups:   {Stdout: []byte("Number of lines which match regexp = 0\n"), ExitStatus: -1},
		showNeighbors: {Stdout: []byte(neighbors), ExitStatus: -1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var truth struct {
		Global struct {
			Peers map[string]seen `json:"peers"`
		} `json:"global"`
	}
	if err := json.Unmarshal(read("normal.expected_result.json"), &truth); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(truth.Global.Peers, asSeen(snapshot)); diff != "" {
		t.Errorf("neighbors (-truth +driver):\n%s", diff)
	}
}

func asSeen(s *routerclient.Snapshot) map[string]seen {
	peers := map[string]seen{}
	for _, session := range s.Sessions {
		is := seen{Up: session.State == routerclient.Established, Enabled: !session.AdminDown, ASN: session.RemoteASN, Uptime: -1}
		if is.Up {
			is.Uptime = int(session.Uptime / time.Second)
		}
		is.RouterID = "0.0.0.0"
		if session.PeerRouterID.IsValid() {
			is.RouterID = session.PeerRouterID.String()
		}
		peers[session.Peer.String()] = is
	}
	return peers
}

func TestCaptureWithoutBGP(t *testing.T) {
	captures := os.Getenv("PEERGATE_CAPTURES")
	if captures == "" {
		t.Skip("PEERGATE_CAPTURES is not set to a folder of captures")
	}
	answer, err := os.ReadFile(filepath.Join(captures, "ios", "bgp_inactive.show_bgp_all_summary.txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = conformance.Ask(t, newClient, &replay.Runner{Answers: map[string]routerclient.Output{showSummary: {Stdout: answer}}})
	if routerclient.ReasonOf(err) != routerclient.ReasonBGPNotRunning {
		t.Errorf("error %v, want reason %s", err, routerclient.ReasonBGPNotRunning)
	}
}

func TestRemedy(t *testing.T) {
	plain := routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), VRF: "default", LocalASN: 64512, RemoteASN: 64513}
	ipv6, grouped, vrf := plain, plain, plain
	ipv6.Peer = netip.MustParseAddr("fd00::33")
	grouped.PeerGroup = "K8S"
	vrf.PeerGroup, vrf.VRF = "K8S", "red"
	unknown := routerclient.Missing{Peer: plain.Peer}
	const (
		note    = "To accept all nodes of a subnet instead, once and for all: bgp listen range <subnet> peer-group "
		noteEnd = ", with the peer group's remote-as set."
	)
	for name, test := range map[string]struct {
		missing routerclient.Missing
		want    routerclient.Remedy
	}{
		"plain": {plain, routerclient.Remedy{
			Lines: []string{
				"configure terminal", "router bgp 64512", "neighbor 192.168.3.33 remote-as 64513",
				"address-family ipv4", "neighbor 192.168.3.33 activate", "end", "write memory",
			},
			Note: note + "<peer group>" + noteEnd,
		}},
		"IPv6": {ipv6, routerclient.Remedy{
			Lines: []string{
				"configure terminal", "router bgp 64512", "neighbor fd00::33 remote-as 64513",
				"address-family ipv6", "neighbor fd00::33 activate", "end", "write memory",
			},
			Note: note + "<peer group>" + noteEnd,
		}},
		"siblings in a group": {grouped, routerclient.Remedy{
			Lines: []string{
				"configure terminal", "router bgp 64512", "neighbor 192.168.3.33 remote-as 64513", "neighbor 192.168.3.33 peer-group K8S",
				"address-family ipv4", "neighbor 192.168.3.33 activate", "end", "write memory",
			},
			Note: note + "K8S" + noteEnd,
		}},
		"siblings in a group of a VRF": {vrf, routerclient.Remedy{
			Lines: []string{
				"configure terminal", "router bgp 64512", "address-family ipv4 vrf red",
				"neighbor 192.168.3.33 remote-as 64513", "neighbor 192.168.3.33 peer-group K8S",
				"neighbor 192.168.3.33 activate", "end", "write memory",
			},
			Note: note + "K8S" + noteEnd,
		}},
		"unknown ASNs": {unknown, routerclient.Remedy{
			Lines: []string{
				"configure terminal", "router bgp <ASN of the router>", "neighbor 192.168.3.33 remote-as <ASN of the nodes>",
				"address-family ipv4", "neighbor 192.168.3.33 activate", "end", "write memory",
			},
			Note: note + "<peer group>" + noteEnd + " Replace <ASN of the router> by the number. Replace <ASN of the nodes> by the number.",
		}},
	} {
		if diff := cmp.Diff(test.want, ios.Remedy(test.missing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
