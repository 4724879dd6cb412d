package lab

import (
	"bytes"
	"errors"
	"fmt"
)

// openbgpdConfig renders bgpd.conf. Groups come before the neighbors in them: a neighbor has what its group had when it
// was read.
func openbgpdConfig(c BGP) ([]byte, error) {
	if len(c.Instances) != 1 || c.Instances[0].VRF != "" {
		return nil, errors.New("OpenBGPD has one instance of BGP")
	}
	i := c.Instances[0]
	var b bytes.Buffer
	fmt.Fprintf(&b, "AS %d\n", i.ASN)
	if i.RouterID.IsValid() {
		fmt.Fprintf(&b, "router-id %s\n", i.RouterID)
	}
	fmt.Fprintf(&b, "fib-update no\nholdtime 3\nconnect-retry 1\nsocket %q restricted\n", openbgpdSocket)
	if c.ActiveOnly {
		b.WriteString("listen on 127.0.0.1\n")
	}
	for _, p := range i.Networks {
		fmt.Fprintf(&b, "network %s\n", p)
	}
	for _, g := range i.PeerGroups {
		openbgpdGroup(&b, g, i.Neighbors)
	}
	for _, n := range i.Neighbors {
		if n.PeerGroup == "" {
			openbgpdNeighbor(&b, n)
		}
	}
	if !i.RequirePolicy {
		b.WriteString("allow from any\nallow to any\n")
	}
	return b.Bytes(), nil
}

func openbgpdGroup(b *bytes.Buffer, g PeerGroup, neighbors []Neighbor) {
	fmt.Fprintf(b, "group %q {\n", g.Name)
	if g.RemoteASN != 0 {
		fmt.Fprintf(b, "remote-as %d\n", g.RemoteASN)
	}
	for _, r := range g.ListenRanges {
		fmt.Fprintf(b, "neighbor %s\n", r)
	}
	for _, n := range neighbors {
		if n.PeerGroup == g.Name {
			openbgpdNeighbor(b, n)
		}
	}
	b.WriteString("}\n")
}

func openbgpdNeighbor(b *bytes.Buffer, n Neighbor) {
	fmt.Fprintf(b, "neighbor %s {\n", n.Addr)
	if n.RemoteASN != 0 {
		fmt.Fprintf(b, "remote-as %d\n", n.RemoteASN)
	}
	if n.Shutdown {
		b.WriteString("down\n")
	}
	if n.Password != "" {
		fmt.Fprintf(b, "tcp md5sig password %q\n", n.Password)
	}
	b.WriteString("}\n")
}
