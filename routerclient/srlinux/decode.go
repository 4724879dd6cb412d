package srlinux

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// reader reads the answer to infoBGP:
//
//	{"network-instance":[{"name":"default","protocols":{"bgp":{"autonomous-system":…,"neighbor":[…],"statistics":{…}}}}]}
//
// Any name may have the YANG module before it, as in "srl_nokia-bgp:bgp".
type reader struct {
	*bgpjson.Scanner
	instances []*instance
	// neighbors counts those of all instances.
	neighbors int

	groups bgptext.Names
	room   bgptext.Families
}

func (r *reader) read() error {
	err := r.Object(func(name []byte) error {
		if string(withoutModule(name)) != "network-instance" {
			return fmt.Errorf("member %q where network-instance should be", bgptext.Printable(string(name), 64))
		}
		return r.Array(r.instance)
	})
	if err != nil {
		return err
	}
	return r.End()
}

func withoutModule(name []byte) []byte { return name[bytes.LastIndexByte(name, ':')+1:] }

// member calls read for the member of that name, if an object has one, and skips all others.
func (r *reader) member(name string, read func() error) error {
	return r.Object(func(n []byte) error {
		if string(withoutModule(n)) == name {
			return read()
		}
		return r.Skip()
	})
}

// instance leaves out a network instance without BGP.
func (r *reader) instance() error {
	var name string
	var i *instance
	err := r.Object(func(n []byte) error {
		switch string(withoutModule(n)) {
		case "name":
			return r.String(&name)
		case "protocols":
			return r.member("bgp", func() error {
				i = &instance{}
				return r.bgp(i)
			})
		}
		return r.Skip()
	})
	if err != nil || i == nil {
		return err
	}
	r.instances = append(r.instances, i)
	if err := routerclient.CheckSessions(len(r.instances)); err != nil {
		return err
	}
	return i.name(name)
}

func (r *reader) bgp(i *instance) error {
	return r.Object(func(name []byte) error {
		switch string(withoutModule(name)) {
		case "autonomous-system":
			return r.ASN(&i.asn)
		case "router-id":
			id, err := r.Text()
			i.routerID = parseRouterID(id)
			return err
		case "neighbor":
			return r.Array(func() error { return r.neighbor(i) })
		case "statistics":
			return r.member("total-peers", func() error { return r.Count(&i.totalPeers) })
		case "dynamic-neighbors":
			return r.member("accept", func() error {
				return r.member("match", func() error {
					return r.Array(func() error { return r.listenRange(i) })
				})
			})
		}
		return r.Skip()
	})
}

// neighbor is an element of the list of the same name. The words are parts of the answer.
type neighbor struct {
	address, adminState, group, routerID []byte
	state, lastEvent, lastEstablished    []byte
	asn                                  uint32
	dynamic                              bool
	// families are those that are up, or may be; statesShown is true if there is a family that says whether it is, and
	// statesMissing if there is one that does not.
	families                   []routerclient.Family
	statesShown, statesMissing bool
}

// neighbor leaves out what is known of the whole instance only.
func (r *reader) neighbor(i *instance) error {
	r.neighbors++
	if err := routerclient.CheckSessions(r.neighbors); err != nil {
		return err
	}
	var n neighbor
	if err := r.Object(func(name []byte) error { return r.leaf(&n, withoutModule(name)) }); err != nil {
		return err
	}
	session, err := n.session(&r.groups)
	if err != nil {
		return err
	}
	i.sessions = append(i.sessions, session)
	i.established = append(i.established, parseTime(n.lastEstablished))
	return nil
}

func (r *reader) leaf(n *neighbor, name []byte) (err error) {
	switch string(name) {
	case "peer-address":
		n.address, err = r.Text()
	case "admin-state":
		n.adminState, err = r.Text()
	case "peer-as":
		err = r.ASN(&n.asn)
	case "peer-group":
		n.group, err = r.Text()
	case "peer-router-id":
		n.routerID, err = r.Text()
	case "dynamic-neighbor":
		err = r.Bool(&n.dynamic)
	case "session-state":
		n.state, err = r.Text()
	case "last-event":
		n.lastEvent, err = r.Text()
	case "last-established":
		n.lastEstablished, err = r.Scalar()
	case "afi-safi":
		err = r.Array(func() error { return r.family(n) })
	default:
		err = r.Skip()
	}
	return err
}

var unicast = map[string]routerclient.AFI{"ipv4-unicast": routerclient.IPv4, "ipv6-unicast": routerclient.IPv6}

// family adds an address family to the neighbor's, if it is a unicast one and up, or not said to be down.
func (r *reader) family(n *neighbor) error {
	var name, adminState, operState []byte
	var received uint64
	err := r.Object(func(member []byte) (err error) {
		switch string(withoutModule(member)) {
		case "afi-safi-name":
			name, err = r.Text()
		case "admin-state":
			adminState, err = r.Text()
		case "oper-state":
			operState, err = r.Text()
		case "received-routes":
			err = r.Count(&received)
		default:
			err = r.Skip()
		}
		return err
	})
	said := len(operState) > 0
	n.statesShown, n.statesMissing = n.statesShown || said, n.statesMissing || !said
	afi, isUnicast := unicast[string(withoutModule(name))]
	if isUnicast && (string(operState) == "up" || !said && string(adminState) != "disable") {
		n.families = r.room.Append(n.families, routerclient.Family{AFI: afi, Received: received})
	}
	return err
}

// session returns the neighbor without what is known of the whole instance only.
func (n *neighbor) session(groups *bgptext.Names) (routerclient.Session, error) {
	peer, iface, err := bgptext.Peer(string(n.address))
	if err != nil {
		return routerclient.Session{}, err
	}
	if len(n.state) == 0 {
		return routerclient.Session{}, fmt.Errorf("neighbor %s without a state", peer)
	}
	s := routerclient.Session{
		Peer:         peer,
		Interface:    iface,
		RemoteASN:    n.asn,
		PeerRouterID: parseRouterID(n.routerID),
		AdminDown:    string(n.adminState) == "disable",
		Dynamic:      n.dynamic,
		PeerGroup:    groups.Printable(string(n.group)),
		Families:     n.families,
	}
	s.State, _ = bgptext.State(string(n.state))
	s.FamiliesNegotiated = s.State == routerclient.Established && n.statesShown && !n.statesMissing
	if s.State != routerclient.Established && !s.AdminDown && len(n.lastEvent) > 0 {
		s.Detail = bgptext.Printable("last event: "+string(n.lastEvent), maxDetail)
	}
	return s, nil
}

// parseRouterID returns the zero Addr for the 0.0.0.0 of a neighbor that has never been up, and for what is none.
func parseRouterID(text []byte) netip.Addr {
	id, err := netip.ParseAddr(string(text))
	if err != nil || !id.Is4() || id.IsUnspecified() {
		return netip.Addr{}
	}
	return id
}

// parseTime reads a date and time in RFC 3339's form. Another form is no error, but the zero Time: an uptime is not worth
// a snapshot. The command line may add words in parentheses, as in "2026-01-02T03:04:05.678Z (2 days ago)".
func parseTime(text []byte) time.Time {
	date, _, _ := bytes.Cut(text, []byte(" "))
	parsed, err := time.Parse(time.RFC3339, string(date))
	if err != nil {
		return time.Time{}
	}
	return parsed
}

// listenRange leaves out the VRF. Link-local ranges, of unnumbered neighbors, are among them.
func (r *reader) listenRange(i *instance) error {
	var prefix, group []byte
	err := r.Object(func(name []byte) (err error) {
		switch string(withoutModule(name)) {
		case "prefix":
			prefix, err = r.Text()
		case "peer-group":
			group, err = r.Text()
		default:
			err = r.Skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(prefix) == 0 {
		return errors.New("a listen range without a prefix")
	}
	parsed, err := netip.ParsePrefix(string(prefix))
	if err != nil {
		return fmt.Errorf("listen range %q: not a prefix", bgptext.Printable(string(prefix), 64))
	}
	if err := routerclient.CheckSessions(len(i.listenRanges) + 1); err != nil {
		return err
	}
	i.listenRanges = append(i.listenRanges, routerclient.ListenRange{Prefix: parsed.Masked(), PeerGroup: r.groups.Printable(string(group))})
	return nil
}
