package interop_test

import (
	"fmt"
	"strings"

	"github.com/peergate/peergate/routerclient"
)

const openbgpdBase = `AS 64512
router-id 192.168.3.1
fib-update no
connect-retry 1
socket "/run/openbgpd/bgpd.rsock" restricted
allow from any
allow to any
`

// openbgpdNeighbors is a configuration with neighbors and what is special about them.
func openbgpdNeighbors(neighbors map[byte]string) string {
	var b strings.Builder
	b.WriteString(openbgpdBase)
	for n := range byte(255) {
		if extra, found := neighbors[n]; found {
			fmt.Fprintf(&b, "neighbor 192.168.3.%d {\nremote-as 64513\n%s\n}\n", n, extra)
		}
	}
	return b.String()
}

func ofOpenBGPD() map[string]recording {
	up := routerclient.Established
	normal := recording{
		config: openbgpdNeighbors(map[byte]string{11: `descr "rack one"`, 12: "", 13: "", 18: ""}),
		nodes:  map[byte]speaker{11: twoRoutes, 12: oneRoute, 18: stranger},
		ready:  all(receives(11, 2), receives(12, 1), says(18)),
	}
	banner, denied, killed := normal, normal, normal
	banner.access = script("nogroup", greeting+`exec bgpctl -s /run/openbgpd/bgpd.rsock -j show neighbor`)
	denied.access, denied.ready = script("nogroup", asAsked), nil
	killed.killed, killed.ready = true, nil
	return map[string]recording{
		"normal": normal, "banner": banner, "permission_denied": denied, "not_running": killed,
		"nopeers": {config: openbgpdBase},
		"states": {
			config:  openbgpdNeighbors(map[byte]string{11: "", 12: "down", 13: "passive", 14: "", 15: "", 16: "", 17: "max-prefix 1", 18: ""}),
			nodes:   map[byte]speaker{11: oneRoute, 17: twoRoutes, 18: stranger},
			silent:  15,
			opening: 16,
			lines:   []string{blackHole, "bgpctl neighbor 192.168.3.14 clear"},
			ready: all(says(18), says(17), inStates(map[byte]routerclient.State{
				11: up, 15: routerclient.OpenSent, 16: routerclient.OpenConfirm, 17: routerclient.Idle, 18: routerclient.Idle,
			})),
		},
		"admin_down": {
			config: openbgpdNeighbors(map[byte]string{11: "", 12: `down "replacing the disk"`, 13: ""}),
			nodes:  map[byte]speaker{11: oneRoute},
			lines:  []string{"bgpctl neighbor 192.168.3.13 down"},
			ready:  receives(11, 1),
		},
		"ipv6": {
			config: openbgpdNeighbors(map[byte]string{11: ""}) + `
neighbor fd00:3::c { remote-as 64513 }
neighbor 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff {
remote-as 4200000001
announce IPv4 unicast
}
`,
			nodes: map[byte]speaker{11: oneRoute},
			ready: receives(11, 1),
		},
		"dynamic": {
			config: openbgpdNeighbors(map[byte]string{11: ""}) + `
group "pods" {
remote-as 64513
neighbor 192.168.3.32/27
neighbor 192.168.3.12
}
neighbor fd00:3:1::/64 { announce IPv6 unicast }
`,
			nodes: map[byte]speaker{11: oneRoute, 40: oneRoute},
			ready: all(receives(11, 1), receives(40, 1)),
		},
	}
}
