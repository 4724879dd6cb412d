package interop_test

import (
	"fmt"
	"strings"

	"github.com/peergate/peergate/routerclient"
)

const birdBase = `router id 192.168.3.1;
protocol device { }
template bgp nodes {
  local as 64512;
  connect delay time 1; connect retry time 1;
  ipv4 { import all; export none; };
}
`

// birdNeighbors is a configuration with neighbors and what is special about them.
func birdNeighbors(neighbors map[byte]string) string {
	var b strings.Builder
	b.WriteString(birdBase)
	for n := range byte(255) {
		if extra, found := neighbors[n]; found {
			fmt.Fprintf(&b, "protocol bgp node%d from nodes { neighbor 192.168.3.%d as 64513; %s }\n", n, n, extra)
		}
	}
	return b.String()
}

func ofBIRD() map[string]recording {
	up := routerclient.Established
	normal := recording{
		config: birdNeighbors(map[byte]string{11: "", 12: "", 13: "", 18: ""}),
		nodes:  map[byte]speaker{11: twoRoutes, 12: oneRoute, 18: stranger},
		ready:  all(receives(11, 2), receives(12, 1), says(18)),
	}
	banner, denied, killed := normal, normal, normal
	banner.access = script("bird", greeting+asAsked)
	denied.access, denied.ready = script("nogroup", asAsked), nil
	killed.killed, killed.ready = true, nil
	return map[string]recording{
		"normal": normal, "banner": banner, "permission_denied": denied, "not_running": killed,
		"nobgp":   {config: "router id 192.168.3.1;\nprotocol device { }\n"},
		"nopeers": {config: birdBase + "protocol bgp pods { local as 64512; neighbor range 192.168.3.32/27 as 64513; ipv4 { import all; export none; }; }\n"},
		"iso_long": {
			config: "timeformat protocol iso long;\n" + birdNeighbors(map[byte]string{11: `description "rack 1: state: down";`, 13: ""}),
			nodes:  map[byte]speaker{11: oneRoute},
			ready:  receives(11, 1),
		},
		"states": {
			config: birdNeighbors(map[byte]string{
				11: "", 12: "disabled;", 13: "passive;", 14: "", 15: "", 16: "", 17: "ipv4 { import limit 1 action disable; };", 18: "",
			}),
			nodes:   map[byte]speaker{11: oneRoute, 17: twoRoutes, 18: stranger},
			silent:  15,
			opening: 16,
			lines:   []string{blackHole, "birdc restart node14"},
			ready: all(says(18), says(17), inStates(map[byte]routerclient.State{
				11: up, 14: routerclient.Connect, 15: routerclient.OpenSent, 16: routerclient.OpenConfirm, 17: routerclient.Idle, 18: routerclient.Idle,
			})),
		},
		"admin_down": {
			config: birdNeighbors(map[byte]string{11: "", 12: "disabled;", 13: ""}),
			nodes:  map[byte]speaker{11: oneRoute},
			lines:  []string{`birdc 'disable node13 "replacing the disk"'`},
			ready:  receives(11, 1),
		},
		"ipv6": {
			config: birdNeighbors(map[byte]string{11: ""}) + `
protocol bgp six { local as 64512; neighbor fd00:3::c as 64513; ipv6 { import all; export none; }; }
protocol bgp a_rather_long_name { local as 64512; neighbor 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff as 4200000001; multihop; ipv6 { import all; export none; }; }
protocol bgp linklocal { local as 64512; neighbor fe80::1%eth0 as 64513; ipv4 { import all; export none; }; ipv6 { import all; export none; }; }
`,
			nodes: map[byte]speaker{11: oneRoute},
			ready: receives(11, 1),
		},
		"vrf": {
			config: birdNeighbors(map[byte]string{11: ""}) + `protocol bgp red11 from nodes { neighbor 192.168.3.11 as 64521; vrf "red"; }` + "\n",
			nodes:  map[byte]speaker{11: oneRoute},
			ready:  receives(11, 1),
		},
		"dynamic": {
			config: birdNeighbors(map[byte]string{11: ""}) + `
protocol bgp pods from nodes { neighbor range 192.168.3.32/27 as 64513; dynamic name "pod"; }
protocol bgp six { local as 64512; neighbor range fd00:3:1::/64 external; ipv6 { import all; export none; }; }
`,
			nodes: map[byte]speaker{11: oneRoute, 40: oneRoute},
			ready: all(receives(11, 1), receives(40, 1)),
		},
		"policy_blocked": {
			config: birdNeighbors(map[byte]string{11: "ipv4 { import none; };", 12: "", 13: "ipv4 { import none; };"}),
			nodes:  map[byte]speaker{11: oneRoute, 12: oneRoute},
			ready:  all(inStates(map[byte]routerclient.State{11: up}), receives(12, 1)),
		},
	}
}
