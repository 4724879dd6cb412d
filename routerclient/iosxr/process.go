package iosxr

import (
	"bytes"
	"fmt"
	"net/netip"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// process is the answer to showProcess.
type process struct {
	routerID              netip.Addr
	localASN              uint32
	defaultVRF, otherVRFs count
}

// count is a column "Nbrs Estab/Cfg", summed over the speaker processes.
type count struct {
	established, configured int
	shown                   bool
}

// parseProcess reads
//
//	Autonomous System: 64512
//	Router ID: 192.0.2.1 (manually configured)
//	…
//	BGP Speaker process: 0, Node: node0_RP0_CPU0
//	                           Total           Nbrs Estab/Cfg
//	Default VRFs:              1               2/2
//	Non-Default VRFs:          2               4/4
//
// and leaves the rest.
func parseProcess(out routerclient.Output) (*process, error) {
	p := &process{}
	for line := range bytes.Lines(bgptext.Clean(out.Stdout)) {
		if err := p.line(bytes.TrimSpace(line)); err != nil {
			return nil, notUnderstood("%w", err)
		}
	}
	switch {
	case !p.routerID.IsValid() && p.localASN == 0 && !p.defaultVRF.shown:
		return nil, explain(out)
	case !p.defaultVRF.shown || !p.otherVRFs.shown:
		return nil, truncated("the router's count of its neighbors is missing")
	}
	return p, nil
}

func (p *process) line(line []byte) (err error) {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimSpace(value)
	switch string(name) {
	case "Autonomous System":
		p.localASN, err = bgptext.ASN(string(value))
	case "Router ID":
		p.routerID = parseRouterID(value)
	case "Default VRFs":
		err = p.defaultVRF.add(string(value))
	case "Non-Default VRFs":
		err = p.otherVRFs.add(string(value))
	}
	return err
}

// add reads "1               2/3": one VRF, and two of three neighbors Established.
func (c *count) add(value string) error {
	var vrfs, established, configured int
	if n, err := fmt.Sscanf(value, "%d %d/%d", &vrfs, &established, &configured); err != nil || n != 3 ||
		established < 0 || configured < established {
		return fmt.Errorf("no count of neighbors: %q", bgptext.Printable(value, 64))
	}
	c.established += established
	c.configured += configured
	c.shown = true
	return nil
}

// check fails if there are fewer neighbors than the router counts. More are no damage: dynamic ones may not count as
// configured, and of those at least the Established ones are counted.
func (c count) check(sessions []routerclient.Session) error {
	established := 0
	for i := range sessions {
		if sessions[i].State == routerclient.Established {
			established++
		}
	}
	switch {
	case len(sessions) < c.configured:
		return truncated("%d neighbors where the router counts %d", len(sessions), c.configured)
	case established < c.established:
		return truncated("%d Established neighbors where the router counts %d", established, c.established)
	}
	return nil
}

// parseRouterID reads "192.0.2.1 (manually configured)", and returns the zero Addr for the 0.0.0.0 of a router or
// neighbor that has none.
func parseRouterID(words []byte) netip.Addr {
	word, _ := bgptext.CutWord(words)
	addr, ok := bgptext.Addr(string(word))
	if !ok || addr.IsUnspecified() {
		return netip.Addr{}
	}
	return addr
}
