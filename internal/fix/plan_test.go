package fix_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/internal/fix"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/platform"
)

// TestEveryPlatform has either a plan or a reason why a person must do it.
func TestEveryPlatform(t *testing.T) {
	m := routerclient.Missing{
		Peer: netip.MustParseAddr("192.168.3.33"), VRF: routerclient.DefaultVRF, LocalASN: 64512, RemoteASN: 64513, PeerGroup: "K8S",
	}
	var typed []string
	for _, name := range platform.Names() {
		plan, err := fix.NewPlan(name, m, nil)
		byHand, person := errors.AsType[*fix.ByHandError](err)
		switch {
		case person && byHand.Why == "":
			t.Errorf("%s: no plan, and no reason why", name)
		case person:
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case len(plan.Apply) == 0 || len(plan.Undo) == 0:
			t.Errorf("%s: plan %+v", name, plan)
		default:
			typed = append(typed, name)
		}
	}
	want := []string{"Cumulus", "EOS", "EdgeOS", "FRR", "GoBGP", "IOS", "IOSXR", "Junos", "NXOS", "RouterOS", "RouterOS6", "SONiC", "SRLinux", "VyOS"}
	if diff := cmp.Diff(want, typed); diff != "" {
		t.Errorf("platforms that lines are typed into (-want +got):\n%s", diff)
	}
}

func TestPlan(t *testing.T) {
	plain := routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), VRF: routerclient.DefaultVRF, LocalASN: 64512, RemoteASN: 64513}
	red := plain
	red.VRF = "red"
	const vtysh = `-c "configure terminal" -c "router bgp 64512" -c "neighbor 192.168.3.33 remote-as 64513" ` +
		`-c "address-family ipv4 unicast" -c "neighbor 192.168.3.33 activate" -c exit-address-family -c end`
	tests := map[string]struct {
		platform    string
		missing     routerclient.Missing
		prefix      []string
		apply, undo []string
	}{
		"FRR with a prefix": {
			"FRR", plain, []string{"sudo", "-n", "docker", "exec", "bgp"},
			[]string{"sudo -n docker exec bgp vtysh " + vtysh},
			[]string{`sudo -n docker exec bgp vtysh -c "configure terminal" -c "router bgp 64512" -c "no neighbor 192.168.3.33" -c end`},
		},
		"SONiC": {
			"SONiC", plain, nil,
			[]string{"sudo -n vtysh " + vtysh},
			[]string{`sudo -n vtysh -c "configure terminal" -c "router bgp 64512" -c "no neighbor 192.168.3.33" -c end`},
		},
		"Cumulus": {
			"Cumulus", red, nil,
			[]string{"nv set vrf red router bgp neighbor 192.168.3.33 remote-as 64513", "nv config apply -y"},
			[]string{"nv unset vrf red router bgp neighbor 192.168.3.33", "nv config apply -y"},
		},
		"GoBGP with a prefix": {
			"GoBGP", plain, []string{"ip", "netns", "exec", "edge"},
			[]string{"ip netns exec edge gobgp neighbor add 192.168.3.33 as 64513"},
			[]string{"ip netns exec edge gobgp neighbor del 192.168.3.33"},
		},
		"IOS in a VRF": {
			"IOS", red, nil,
			[]string{"configure terminal", "router bgp 64512", "address-family ipv4 vrf red", "neighbor 192.168.3.33 remote-as 64513", "neighbor 192.168.3.33 activate", "end"},
			[]string{"configure terminal", "router bgp 64512", "address-family ipv4 vrf red", "no neighbor 192.168.3.33 remote-as 64513", "end"},
		},
		"RouterOS in a VRF of two words": {
			"RouterOS", routerclient.Missing{Peer: plain.Peer, VRF: "rack 7", LocalASN: 64512, RemoteASN: 64513}, nil,
			[]string{`/routing/bgp/connection/add name=node-192-168-3-33 remote.address=192.168.3.33 remote.as=64513 local.role=ebgp vrf="rack 7" as=64512`},
			[]string{"/routing/bgp/connection/remove [find name=node-192-168-3-33]"},
		},
		"VyOS in a VRF": {
			"VyOS", red, nil,
			[]string{
				"configure", "set vrf name red protocols bgp neighbor 192.168.3.33 remote-as 64513",
				"set vrf name red protocols bgp neighbor 192.168.3.33 address-family ipv4-unicast", "commit", "exit",
			},
			[]string{"configure", "delete vrf name red protocols bgp neighbor 192.168.3.33", "commit", "exit"},
		},
		"Junos without siblings": {
			"Junos", plain, nil,
			[]string{
				"configure exclusive", "set protocols bgp group kubernetes-nodes type external",
				"set protocols bgp group kubernetes-nodes neighbor 192.168.3.33 peer-as 64513", "commit and-quit",
			},
			[]string{"configure exclusive", "delete protocols bgp group kubernetes-nodes neighbor 192.168.3.33", "commit and-quit"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			plan, err := fix.NewPlan(test.platform, test.missing, test.prefix)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]string{test.apply, test.undo}, [][]string{plan.Apply, plan.Undo}); diff != "" {
				t.Errorf("lines that apply and undo (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLook: a router is asked for the neighbor as it writes the address itself.
func TestLook(t *testing.T) {
	missing := routerclient.Missing{Peer: netip.MustParseAddr("2001:db8::c:33"), LocalASN: 64512, RemoteASN: 64512}
	for name, want := range map[string]string{
		"IOS":   "show running-config | include neighbor 2001:DB8::C:33",
		"IOSXR": "show running-config | include neighbor 2001:db8::c:33",
		"NXOS":  "show running-config | include neighbor 2001:db8::c:33",
		"EOS":   "show running-config | include neighbor 2001:db8::c:33",
	} {
		if plan, err := fix.NewPlan(name, missing, nil); err != nil || plan.Look != want {
			t.Errorf("%s is asked %q, %v; want %q", name, plan.Look, err, want)
		}
	}
}

// TestPlanNeedsPerson has lines that cannot be typed as they are.
func TestPlanNeedsPerson(t *testing.T) {
	peer := netip.MustParseAddr("192.168.3.33")
	tests := map[string]struct {
		platform string
		missing  routerclient.Missing
		want     string
	}{
		"unknown ASN":       {"FRR", routerclient.Missing{Peer: peer, LocalASN: 64512}, "<ASN of the nodes> is not known"},
		"unknown policy":    {"IOSXR", routerclient.Missing{Peer: peer, LocalASN: 64512, RemoteASN: 64513}, "<route policy> is not known"},
		"two lines in one":  {"IOS", routerclient.Missing{Peer: peer, LocalASN: 64512, RemoteASN: 64513, PeerGroup: "K8S\nreload"}, "a control character"},
		"a VRF of words":    {"VyOS", routerclient.Missing{Peer: peer, LocalASN: 64512, RemoteASN: 64513, VRF: "red; reboot"}, `the VRF "red; reboot" is not one plain word`},
		"a VRF of a shell":  {"Cumulus", routerclient.Missing{Peer: peer, LocalASN: 64512, RemoteASN: 64513, VRF: "$(reboot)"}, `the VRF "$(reboot)" is not one plain word`},
		"a group of words":  {"Junos", routerclient.Missing{Peer: peer, LocalASN: 64512, RemoteASN: 64513, PeerGroup: "K8S | save x"}, `the peer group "K8S | save x" is not one plain word`},
		"a group of marks":  {"FRR", routerclient.Missing{Peer: peer, LocalASN: 64512, RemoteASN: 64513, PeerGroup: `K8S"`}, "is not one plain word"},
		"an address's zone": {"VyOS", routerclient.Missing{Peer: netip.MustParseAddr("fe80::1%$(reboot)"), LocalASN: 64512, RemoteASN: 64513}, "has a zone"},
		"unknown platform":  {"Wellfleet", routerclient.Missing{Peer: peer}, `platform "Wellfleet" is not known`},
		"a file":            {"BIRD", routerclient.Missing{Peer: peer}, "nothing is typed into a router of platform BIRD: its neighbors are in a file"},
		"a web interface":   {"OPNsense", routerclient.Missing{Peer: peer}, "its web interface owns the configuration"},
		"an uploaded file":  {"UniFi", routerclient.Missing{Peer: peer}, "a file that UniFi Network uploads"},
		"an unknown system": {"SNMP", routerclient.Missing{Peer: peer}, "it is only read"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := fix.NewPlan(test.platform, test.missing, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// TestPlatformsAreAllTried keeps the table of transcripts complete, but for those that are FRR or NVUE in a shell.
func TestPlatformsAreAllTried(t *testing.T) {
	for _, name := range platform.Names() {
		_, err := fix.NewPlan(name, routerclient.Missing{
			Peer: netip.MustParseAddr("192.168.3.33"), LocalASN: 64512, RemoteASN: 64513, PeerGroup: "K8S",
		}, nil)
		tried := slices.ContainsFunc(platforms, func(s *scripted) bool { return s.platform == name })
		if err == nil && !tried && name != "SONiC" && name != "Cumulus" {
			t.Errorf("%s has a plan, and no transcript", name)
		}
	}
}
