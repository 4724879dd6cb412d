package gobgp

import (
	"encoding/json"
	"fmt"
	"net/netip"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// peer is apipb.Peer (version 3) or api.Peer (version 4) in encoding/json's form of it: what is zero is left out.
type peer struct {
	// Conf has neither address nor, in version 4, anything but "invalid IP" for it, if the neighbor is dynamic or
	// unnumbered.
	Conf struct {
		LocalASN          bgpjson.ASN `json:"local_asn"`
		NeighborAddress   string      `json:"neighbor_address"`
		PeerGroup         string      `json:"peer_group"`
		NeighborInterface string      `json:"neighbor_interface"`
		VRF               string      `json:"vrf"`
	} `json:"conf"`
	State struct {
		PeerASN         bgpjson.ASN `json:"peer_asn"`
		NeighborAddress string      `json:"neighbor_address"`
		SessionState    int         `json:"session_state"`
		RouterID        string      `json:"router_id"`
	} `json:"state"`
	AFISAFIs []struct {
		State struct {
			Family struct {
				AFI  int `json:"afi"`
				SAFI int `json:"safi"`
			} `json:"family"`
			Received uint64 `json:"received"`
		} `json:"state"`
	} `json:"afi_safis"`
}

// parsePeers reads an array of peers.
func parsePeers(out routerclient.Output) ([]peer, error) {
	const action = "reading the neighbors"
	dec, found := bgpjson.NewDecoder(out.Stdout, '[')
	if !found {
		return nil, noArray(action, out)
	}
	peers, err := decodePeers(dec)
	if err != nil {
		return nil, bgpjson.Error(action, err)
	}
	return peers, nil
}

// decodePeers takes one peer at a time, so that not the whole table has to be held in text.
func decodePeers(dec *json.Decoder) ([]peer, error) {
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var peers []peer
	for dec.More() {
		var p peer
		if err := dec.Decode(&p); err != nil {
			return nil, err
		}
		peers = append(peers, p)
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	return peers, bgpjson.End(dec)
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

// states are the numbers of apipb.PeerState.SessionState, the same in both versions.
var states = map[int]routerclient.State{
	1: routerclient.Idle, 2: routerclient.Connect, 3: routerclient.Active,
	4: routerclient.OpenSent, 5: routerclient.OpenConfirm, 6: routerclient.Established,
}

// name is what the table calls the neighbor.
func (p peer) name() string {
	if p.Conf.NeighborInterface != "" {
		return p.Conf.NeighborInterface
	}
	return p.State.NeighborAddress
}

func (p peer) session(row row) (routerclient.Session, error) {
	s := routerclient.Session{
		VRF:       bgptext.Printable(p.Conf.VRF, maxDetail),
		RemoteASN: uint32(p.State.PeerASN),
		LocalASN:  uint32(p.Conf.LocalASN),
		State:     routerclient.Unrecognized,
		AdminDown: row.qualifier == "Admin",
		PeerGroup: bgptext.Printable(p.Conf.PeerGroup, maxDetail),
	}
	if s.VRF == "" {
		s.VRF = routerclient.DefaultVRF
	}
	if state, known := states[p.State.SessionState]; known {
		s.State = state
	}
	if err := p.address(&s); err != nil {
		return s, err
	}
	s.PeerRouterID = addrOrZero(p.State.RouterID)
	s.Families = p.families()
	if s.State == routerclient.Established {
		s.Uptime = row.uptime
	} else if row.qualifier != "" && !s.AdminDown {
		s.Detail = row.word
	}
	return s, nil
}

// address takes the neighbor's address from the state: only there is that of a dynamic or unnumbered one.
func (p peer) address(s *routerclient.Session) error {
	s.Interface = bgptext.Printable(p.Conf.NeighborInterface, maxDetail)
	configured := addrOrZero(p.Conf.NeighborAddress)
	s.Dynamic = !configured.IsValid() && s.Interface == ""
	if p.State.NeighborAddress == "" && s.Interface != "" {
		return nil
	}
	addr, zone, err := bgptext.Peer(p.State.NeighborAddress)
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

// families are the unicast ones.
func (p peer) families() []routerclient.Family {
	var families []routerclient.Family
	for _, f := range p.AFISAFIs {
		const unicast = 1
		family := f.State.Family
		if afi, known := afis[family.AFI]; known && family.SAFI == unicast {
			families = append(families, routerclient.Family{AFI: afi, Received: f.State.Received})
		}
	}
	return families
}

// afis are IANA's numbers of address families.
var afis = map[int]routerclient.AFI{1: routerclient.IPv4, 2: routerclient.IPv6}

// sessions joins the peers with their rows of the table, which must have them all.
func sessions(peers []peer, rows map[string]row) ([]routerclient.Session, error) {
	sessions := make([]routerclient.Session, 0, len(peers))
	for _, p := range peers {
		name := p.name()
		if name == "" {
			return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "reading the neighbors: one without an address")
		}
		row, found := rows[name]
		if !found {
			return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated,
				"reading the table of neighbors: it lacks %s, which is in the JSON", bgptext.Printable(name, 64))
		}
		session, err := p.session(row)
		if err != nil {
			return nil, bgpjson.Error("reading the neighbors", fmt.Errorf("neighbor %s: %w", bgptext.Printable(name, 64), err))
		}
		sessions = append(sessions, session)
	}
	return sessions, nil
}
