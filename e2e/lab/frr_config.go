package lab

import (
	"bytes"
	"fmt"
	"net/netip"
)

// frrConfig renders frr.conf. Timers are as short as BGP allows (RFC 4271 section 4.2: a hold time of three seconds),
// so that tests of lost sessions do not wait.
func frrConfig(c BGP) []byte {
	var b bytes.Buffer
	b.WriteString("log stdout informational\nservice integrated-vtysh-config\n!\n")
	for _, i := range c.Instances {
		frrInstance(&b, i)
	}
	return b.Bytes()
}

func frrInstance(b *bytes.Buffer, i Instance) {
	fmt.Fprintf(b, "router bgp %d", i.ASN)
	if i.VRF != "" {
		fmt.Fprintf(b, " vrf %s", i.VRF)
	}
	b.WriteString("\n bgp log-neighbor-changes\n timers bgp 1 3\n")
	if i.RouterID.IsValid() {
		fmt.Fprintf(b, " bgp router-id %s\n", i.RouterID)
	}
	if !i.RequirePolicy {
		b.WriteString(" no bgp ebgp-requires-policy\n")
	}
	if i.ActivateExplicitly {
		b.WriteString(" no bgp default ipv4-unicast\n")
	}
	if len(i.Networks) > 0 {
		b.WriteString(" no bgp network import-check\n")
	}
	for _, g := range i.PeerGroups {
		frrPeerGroup(b, g)
	}
	for _, n := range i.Neighbors {
		frrNeighbor(b, n)
	}
	frrFamily(b, "ipv4", i, netip.Addr.Is4)
	frrFamily(b, "ipv6", i, netip.Addr.Is6)
	b.WriteString("exit\n!\n")
}

func frrPeerGroup(b *bytes.Buffer, g PeerGroup) {
	fmt.Fprintf(b, " neighbor %s peer-group\n", g.Name)
	if g.RemoteASN != 0 {
		fmt.Fprintf(b, " neighbor %s remote-as %d\n", g.Name, g.RemoteASN)
	}
	fmt.Fprintf(b, " neighbor %s timers connect 1\n", g.Name)
	for _, r := range g.ListenRanges {
		fmt.Fprintf(b, " bgp listen range %s peer-group %s\n", r, g.Name)
	}
}

func frrNeighbor(b *bytes.Buffer, n Neighbor) {
	if n.RemoteASN != 0 {
		fmt.Fprintf(b, " neighbor %s remote-as %d\n", n.Addr, n.RemoteASN)
	}
	if n.PeerGroup != "" {
		fmt.Fprintf(b, " neighbor %s peer-group %s\n", n.Addr, n.PeerGroup)
	}
	fmt.Fprintf(b, " neighbor %s timers connect 1\n", n.Addr)
	if n.Password != "" {
		fmt.Fprintf(b, " neighbor %s password %s\n", n.Addr, n.Password)
	}
	if n.Shutdown {
		fmt.Fprintf(b, " neighbor %s shutdown\n", n.Addr)
	}
}

func frrFamily(b *bytes.Buffer, name string, i Instance, in func(netip.Addr) bool) {
	fmt.Fprintf(b, " address-family %s unicast\n", name)
	for _, p := range i.Networks {
		if in(p.Addr()) {
			fmt.Fprintf(b, "  network %s\n", p)
		}
	}
	for _, g := range i.PeerGroups {
		for _, r := range g.ListenRanges {
			if in(r.Addr()) {
				fmt.Fprintf(b, "  neighbor %s activate\n", g.Name)
				break
			}
		}
	}
	for _, n := range i.Neighbors {
		if in(n.Addr) {
			fmt.Fprintf(b, "  neighbor %s activate\n", n.Addr)
		}
	}
	b.WriteString(" exit-address-family\n")
}
