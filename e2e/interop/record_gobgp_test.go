package interop_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/peergate/peergate/routerclient"
)

const gobgpBase = `[global.config]
as = 64512
router-id = "192.168.3.1"
`

// gobgpNeighbors is a configuration with neighbors and what is special about them, in the same table or behind it.
func gobgpNeighbors(neighbors map[byte]string) string {
	var b strings.Builder
	b.WriteString(gobgpBase)
	for n := range byte(255) {
		if extra, found := neighbors[n]; found {
			fmt.Fprintf(&b, "[[neighbors]]\n[neighbors.config]\nneighbor-address = \"192.168.3.%d\"\npeer-as = 64513\n%s\n", n, extra)
		}
	}
	return b.String()
}

const (
	gobgpPassive = "[neighbors.transport.config]\npassive-mode = true"
	gobgpLimit   = "[[neighbors.afi-safis]]\n[neighbors.afi-safis.config]\nafi-safi-name = \"ipv4-unicast\"\n[neighbors.afi-safis.prefix-limit.config]\nmax-prefixes = 1"
)

// ofGoBGP lacks nobgp: gobgpd runs without BGP only if it has no configuration file, where it says {} to "gobgp -j global".
func ofGoBGP() map[string]recording {
	up := routerclient.Established
	normal := recording{
		config: gobgpNeighbors(map[byte]string{11: `description = "rack one"`, 12: "", 13: "", 18: ""}),
		nodes:  map[byte]speaker{11: twoRoutes, 12: oneRoute, 18: stranger},
		ready:  all(receives(11, 2), receives(12, 1)),
	}
	banner, denied, killed := normal, normal, normal
	banner.access = script("nogroup", greeting+asAsked)
	denied.access, denied.ready = script("nogroup", `echo "command not allowed" >&2; exit 77`), nil
	killed.killed, killed.ready = true, nil
	states := recording{
		config:  gobgpNeighbors(map[byte]string{11: "", 12: "admin-down = true", 13: gobgpPassive, 15: "", 16: "", 17: gobgpLimit, 18: ""}),
		nodes:   map[byte]speaker{11: oneRoute, 17: twoRoutes, 18: stranger},
		silent:  15,
		opening: 16,
		ready: all(says(17), inStates(map[byte]routerclient.State{
			11: up, 15: routerclient.OpenSent, 16: routerclient.OpenConfirm, 17: routerclient.Idle,
		})),
	}
	dynamic := recording{
		config: gobgpNeighbors(map[byte]string{11: ""}) + `
[[neighbors]]
[neighbors.config]
neighbor-address = "192.168.3.12"
peer-group = "pods"
[[peer-groups]]
[peer-groups.config]
peer-group-name = "pods"
peer-as = 64513
[[dynamic-neighbors]]
[dynamic-neighbors.config]
prefix = "192.168.3.32/27"
peer-group = "pods"
`,
		nodes: map[byte]speaker{11: oneRoute, 40: oneRoute},
		ready: all(receives(11, 1), receives(40, 1)),
	}
	found := map[string]recording{
		"normal": normal, "banner": banner, "permission_denied": denied, "not_running": killed, "states": states, "dynamic": dynamic,
		"nopeers": {config: gobgpBase},
		"admin_down": {
			config: gobgpNeighbors(map[byte]string{11: "", 12: "admin-down = true", 13: ""}),
			nodes:  map[byte]speaker{11: oneRoute},
			lines:  []string{`gobgp neighbor 192.168.3.13 disable "replacing the disk"`},
			ready:  receives(11, 1),
		},
		"ipv6": {
			config: gobgpNeighbors(map[byte]string{11: ""}) + `
[[neighbors]]
[neighbors.config]
neighbor-address = "fd00:3::c"
peer-as = 64513
[[neighbors]]
[neighbors.config]
neighbor-address = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"
peer-as = 4200000001
`,
			nodes: map[byte]speaker{11: oneRoute},
			ready: receives(11, 1),
		},
		"vrf": {
			config: gobgpNeighbors(map[byte]string{11: "", 12: `vrf = "red"`}) + `
[[vrfs]]
[vrfs.config]
name = "red"
id = 1
rd = "64512:1"
both-rt-list = ["64512:1"]
`,
			nodes: map[byte]speaker{11: oneRoute, 12: oneRoute},
			ready: all(receives(11, 1), receives(12, 1)),
		},
	}
	if programs := os.Getenv(gobgp4Env); programs != "" {
		states.programs, dynamic.programs = programs, programs
		states.ready = all(says(17), inStates(map[byte]routerclient.State{11: up}))
		found["states_v4"], found["dynamic_v4"] = states, dynamic
	}
	return found
}
