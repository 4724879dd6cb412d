package gobgp

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// peer is what is read of an apipb.Peer (version 3) or api.Peer (version 4) in encoding/json's form of it: what is zero
// is left out.
type peer struct {
	// configuredAddress is empty or, in version 4, "invalid IP" if the neighbor is dynamic or unnumbered. What address it
	// has then is in its state only.
	configuredAddress, address string
	iface, group, vrf          string
	localASN, peerASN          uint32
	sessionState               int64
	routerID                   string
	families                   []routerclient.Family
	announced                  multiprotocol
}

// parsePeers reads an array of peers.
func parsePeers(out routerclient.Output) ([]neighbor, error) {
	const action = "reading the neighbors"
	scanner, found := bgpjson.NewScanner(out.Stdout, '[')
	if !found {
		return nil, noArray(action, out)
	}
	p := peersReader{Scanner: scanner}
	err := scanner.Array(p.read)
	if err == nil {
		err = scanner.End()
	}
	if err != nil {
		return nil, bgpjson.Error(action, err)
	}
	return p.neighbors, nil
}

func noArray(action string, out routerclient.Output) error {
	var complaint struct {
		Error string `json:"error"`
	}
	if dec, found := bgpjson.NewDecoder(out.Stdout, '{'); found && dec.Decode(&complaint) == nil && complaint.Error != "" {
		return failure(action, complaint.Error)
	}
	return unanswered(action, out)
}

type peersReader struct {
	*bgpjson.Scanner
	neighbors []neighbor
	names     bgptext.Names
	room      bgptext.Families
}

func (r *peersReader) read() error {
	var p peer
	err := r.Object(func(name []byte) error {
		switch string(name) {
		case "conf":
			return r.conf(&p)
		case "state":
			return r.state(&p)
		case "afi_safis":
			return r.Array(func() error { return r.afiSAFI(&p) })
		}
		return r.Skip()
	})
	if err != nil {
		return err
	}
	return r.add(&p)
}

func (r *peersReader) conf(p *peer) error {
	return r.Object(func(name []byte) error {
		switch string(name) {
		case "local_asn":
			return r.ASN(&p.localASN)
		case "neighbor_address":
			return r.String(&p.configuredAddress)
		case "neighbor_interface":
			return r.String(&p.iface)
		case "peer_group":
			return r.String(&p.group)
		case "vrf":
			return r.String(&p.vrf)
		}
		return r.Skip()
	})
}

func (r *peersReader) state(p *peer) error {
	return r.Object(func(name []byte) error {
		switch string(name) {
		case "peer_asn":
			return r.ASN(&p.peerASN)
		case "neighbor_address":
			return r.String(&p.address)
		case "session_state":
			return r.Int(&p.sessionState)
		case "router_id":
			return r.String(&p.routerID)
		case "remote_cap":
			return r.Array(func() error { return r.capability(&p.announced) })
		}
		return r.Skip()
	})
}

// afiSAFI reads an address family, and keeps it if it is a unicast one.
func (r *peersReader) afiSAFI(p *peer) error {
	var afi, safi, received int64
	err := r.Member("state", func() error {
		return r.Object(func(name []byte) error {
			switch string(name) {
			case "family":
				return r.family(&afi, &safi)
			case "received":
				return r.Int(&received)
			}
			return r.Skip()
		})
	})
	if known, isUnicast := unicast(afi, safi); isUnicast {
		p.families = r.room.Append(p.families, routerclient.Family{AFI: known, Received: uint64(max(received, 0))})
	}
	return err
}

func (r *peersReader) family(afi, safi *int64) error {
	return r.Object(func(name []byte) error {
		switch string(name) {
		case "afi":
			return r.Int(afi)
		case "safi":
			return r.Int(safi)
		}
		return r.Skip()
	})
}

// unicast is false for a family that carries no routes to services. The numbers are IANA's.
func unicast(afi, safi int64) (routerclient.AFI, bool) {
	const safiUnicast = 1
	known, isKnown := afis[afi]
	return known, isKnown && safi == safiUnicast
}

var afis = map[int64]routerclient.AFI{1: routerclient.IPv4, 2: routerclient.IPv6}

// states are the numbers of apipb.PeerState.SessionState, the same in both versions.
var states = map[int64]routerclient.State{
	1: routerclient.Idle, 2: routerclient.Connect, 3: routerclient.Active,
	4: routerclient.OpenSent, 5: routerclient.OpenConfirm, 6: routerclient.Established,
}

func (r *peersReader) add(p *peer) error {
	if err := routerclient.CheckSessions(len(r.neighbors) + 1); err != nil {
		return err
	}
	n, err := r.neighbor(p)
	if err != nil {
		return err
	}
	r.neighbors = append(r.neighbors, n)
	return nil
}

func (r *peersReader) neighbor(p *peer) (n neighbor, err error) {
	n.name = p.name()
	if n.name == "" {
		return n, errors.New("one without an address")
	}
	n.session = routerclient.Session{
		VRF:          r.names.Printable(p.vrf),
		RemoteASN:    p.peerASN,
		LocalASN:     p.localASN,
		PeerRouterID: addrOrZero(p.routerID),
		State:        routerclient.Unrecognized,
		PeerGroup:    r.names.Printable(p.group),
		Families:     p.families,
	}
	if n.session.VRF == "" {
		n.session.VRF = routerclient.DefaultVRF
	}
	if state, known := states[p.sessionState]; known {
		n.session.State = state
	}
	p.announced.negotiate(&n.session)
	if err := p.setAddress(&n.session); err != nil {
		return n, fmt.Errorf("neighbor %s: %w", bgptext.Printable(n.name, 64), err)
	}
	return n, nil
}

// name is what the table calls the neighbor.
func (p *peer) name() string {
	if p.iface != "" {
		return p.iface
	}
	return p.address
}

func (p *peer) setAddress(s *routerclient.Session) error {
	s.Interface = bgptext.Printable(p.iface, maxDetail)
	s.Dynamic = !addrOrZero(p.configuredAddress).IsValid() && s.Interface == ""
	if p.address == "" && s.Interface != "" {
		return nil
	}
	addr, zone, err := bgptext.Peer(p.address)
	if err != nil {
		return err
	}
	s.Peer = addr
	if s.Interface == "" {
		s.Interface = zone
	}
	return nil
}

// addrOrZero returns the zero Addr for the "invalid IP" that version 4 prints for none.
func addrOrZero(s string) netip.Addr {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return addr
}
