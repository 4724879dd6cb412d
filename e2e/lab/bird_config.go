package lab

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
)

// birdTimers are as short as BIRD allows, so that tests of lost sessions do not wait.
const birdTimers = " hold time 3; keepalive time 1; connect delay time 1; connect retry time 1; error wait time 1, 2;\n"

// birdConfig renders bird.conf.
func birdConfig(c BGP) []byte {
	var b bytes.Buffer
	b.WriteString("log stderr all;\n")
	if id := c.Instances[0].RouterID; id.IsValid() {
		fmt.Fprintf(&b, "router id %s;\n", id)
	}
	b.WriteString("protocol device { }\n")
	for _, i := range c.Instances {
		birdInstance(&b, i)
	}
	return b.Bytes()
}

func birdInstance(b *bytes.Buffer, i Instance) {
	birdNetworks(b, "ipv4", i.Networks, netip.Addr.Is4)
	birdNetworks(b, "ipv6", i.Networks, netip.Addr.Is6)
	groups := map[string]PeerGroup{}
	for _, g := range i.PeerGroups {
		groups[g.Name] = g
		for n, r := range g.ListenRanges {
			name := fmt.Sprintf("%s_%d", g.Name, n)
			birdBGP(b, name, i, fmt.Sprintf("range %s as %d", r, g.RemoteASN), r.Addr(), "dynamic name \"k8s\";")
		}
	}
	for _, n := range i.Neighbors {
		asn := n.RemoteASN
		if asn == 0 {
			asn = groups[n.PeerGroup].RemoteASN
		}
		extra := ""
		if n.Shutdown {
			extra += "disabled; "
		}
		if n.Password != "" {
			extra += fmt.Sprintf("password %q;", n.Password)
		}
		birdBGP(b, birdProtocol(i.VRF, n.Addr), i, fmt.Sprintf("%s as %d", n.Addr, asn), n.Addr, extra)
	}
}

// birdProtocol names the protocol of a neighbor.
func birdProtocol(vrf string, peer netip.Addr) string {
	return "peer" + vrf + "_" + strings.NewReplacer(".", "_", ":", "_").Replace(peer.String())
}

func birdBGP(b *bytes.Buffer, name string, i Instance, neighbor string, in netip.Addr, extra string) {
	fmt.Fprintf(b, "protocol bgp %s {\n local as %d;\n neighbor %s;\n", name, i.ASN, neighbor)
	b.WriteString(birdTimers)
	if i.VRF != "" {
		fmt.Fprintf(b, " vrf %q;\n", i.VRF)
	}
	if extra != "" {
		fmt.Fprintf(b, " %s\n", extra)
	}
	policy := "import all; export where source = RTS_STATIC;"
	if i.RequirePolicy {
		policy = "import none; export none;"
	}
	fmt.Fprintf(b, " %s { %s };\n}\n", birdFamily(in), policy)
}

func birdFamily(addr netip.Addr) string {
	if addr.Is6() {
		return "ipv6"
	}
	return "ipv4"
}

func birdNetworks(b *bytes.Buffer, family string, networks []netip.Prefix, in func(netip.Addr) bool) {
	var routes strings.Builder
	for _, p := range networks {
		if in(p.Addr()) {
			fmt.Fprintf(&routes, " route %s blackhole;\n", p)
		}
	}
	if routes.Len() > 0 {
		fmt.Fprintf(b, "protocol static {\n %s;\n%s}\n", family, routes.String())
	}
}
