package lab

import (
	"bytes"
	"fmt"
	"net/netip"
)

// gobgpConfig renders gobgpd.conf, in TOML. The instances behind the first are VRFs, which share its AS number. Networks
// cannot be announced from a file.
func gobgpConfig(c BGP) []byte {
	var b bytes.Buffer
	first := c.Instances[0]
	fmt.Fprintf(&b, "[global.config]\nas = %d\nrouter-id = %q\n", first.ASN, gobgpRouterID(first))
	if c.ActiveOnly {
		b.WriteString("port = -1\n")
	}
	if first.RequirePolicy {
		b.WriteString("[global.apply-policy.config]\ndefault-import-policy = \"reject-route\"\n")
	}
	for n, i := range c.Instances {
		if i.VRF != "" {
			target := fmt.Sprintf("%d:%d", first.ASN, n)
			fmt.Fprintf(&b, "[[vrfs]]\n[vrfs.config]\nname = %q\nid = %d\nrd = %q\nboth-rt-list = [%q]\n", i.VRF, n, target, target)
		}
		for _, g := range i.PeerGroups {
			gobgpPeerGroup(&b, g)
		}
		for _, neighbor := range i.Neighbors {
			gobgpNeighbor(&b, neighbor, i.VRF)
		}
	}
	return b.Bytes()
}

// gobgpRouterID makes up an ID where there is none: gobgpd does not take one from its addresses.
func gobgpRouterID(i Instance) netip.Addr {
	if i.RouterID.IsValid() {
		return i.RouterID
	}
	return netip.AddrFrom4([4]byte{192, 0, 2, 1})
}

func gobgpPeerGroup(b *bytes.Buffer, g PeerGroup) {
	fmt.Fprintf(b, "[[peer-groups]]\n[peer-groups.config]\npeer-group-name = %q\n", g.Name)
	if g.RemoteASN != 0 {
		fmt.Fprintf(b, "peer-as = %d\n", g.RemoteASN)
	}
	gobgpTimers(b, "peer-groups")
	for _, r := range g.ListenRanges {
		fmt.Fprintf(b, "[[dynamic-neighbors]]\n[dynamic-neighbors.config]\nprefix = %q\npeer-group = %q\n", r, g.Name)
	}
}

func gobgpNeighbor(b *bytes.Buffer, n Neighbor, vrf string) {
	fmt.Fprintf(b, "[[neighbors]]\n[neighbors.config]\nneighbor-address = %q\n", n.Addr)
	if n.RemoteASN != 0 {
		fmt.Fprintf(b, "peer-as = %d\n", n.RemoteASN)
	}
	if n.PeerGroup != "" {
		fmt.Fprintf(b, "peer-group = %q\n", n.PeerGroup)
	}
	if vrf != "" {
		fmt.Fprintf(b, "vrf = %q\n", vrf)
	}
	if n.Shutdown {
		b.WriteString("admin-down = true\n")
	}
	if n.Password != "" {
		fmt.Fprintf(b, "auth-password = %q\n", n.Password)
	}
	gobgpTimers(b, "neighbors")
}

// gobgpTimers are as short as gobgpd allows, so that tests of lost sessions do not wait.
func gobgpTimers(b *bytes.Buffer, table string) {
	fmt.Fprintf(b, "[%s.timers.config]\nconnect-retry = 1\nhold-time = 3\nkeepalive-interval = 1\nidle-hold-time-after-reset = 1\n", table)
}
