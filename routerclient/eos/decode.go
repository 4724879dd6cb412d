package eos

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// reader reads the summary of one family into the table:
//
//	{"vrfs":{"default":{"vrf":"default","routerId":"192.0.2.1","asn":"64512","peers":{"192.0.2.11":{…},…}},…}}
type reader struct {
	*bgpjson.Scanner
	t   *table
	afi routerclient.AFI
}

// read adds the answer to the summary of one family.
func (t *table) read(out routerclient.Output, afi routerclient.AFI) error {
	action := "reading the " + string(afi) + " summary"
	scanner, found := bgpjson.NewScanner(out.Stdout, '{')
	if !found {
		return withoutJSON(action, out)
	}
	r := reader{Scanner: scanner, t: t, afi: afi}
	if err := r.read(); err != nil {
		return bgpjson.Error(action, err)
	}
	if len(t.instances) == 0 {
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning,
			"%s: EOS runs no BGP; is there a \"router bgp\" in its configuration?", action)
	}
	return nil
}

func (r *reader) read() error {
	known := false
	err := r.Object(func(name []byte) error {
		switch string(name) {
		case "vrfs":
			known = true
			return r.Map(func(vrf []byte) error {
				if err := r.vrf(string(vrf)); err != nil {
					return fmt.Errorf("VRF %s: %w", bgptext.Printable(string(vrf), 64), err)
				}
				return nil
			})
		case "errors":
			return r.refusal()
		}
		return r.Skip()
	})
	if err != nil {
		return err
	}
	if !known {
		return errors.New("no VRFs in the answer")
	}
	return r.End()
}

// refusal is the error for {"errors":["…"]}, EOS's way to refuse a command that was asked for JSON.
func (r *reader) refusal() error {
	var said []string
	err := r.Array(func() error {
		text, err := r.Text()
		said = append(said, string(text))
		return err
	})
	if err != nil {
		return err
	}
	words := bgptext.Printable(strings.Join(said, " "), maxDetail)
	return routerclient.Errorf(reasonOf(words), "EOS answers: %s", words)
}

func (r *reader) vrf(vrf string) error {
	if vrf == "" {
		return errors.New("it has no name")
	}
	i, found := r.t.instances[vrf]
	if !found {
		if err := routerclient.CheckSessions(len(r.t.instances) + 1); err != nil {
			return err
		}
		i = &instance{byName: map[string]*neighbor{}}
		r.t.instances[vrf] = i
	}
	hasPeers := false
	err := r.Object(func(name []byte) error {
		switch string(name) {
		case "routerId":
			var id string
			err := r.String(&id)
			i.routerID = parseRouterID(id)
			return err
		case "asn":
			return r.ASN(&i.asn)
		case "peers":
			hasPeers = true
			return r.Map(func(name []byte) error {
				if err := r.peer(i, vrf, string(name)); err != nil {
					return fmt.Errorf("neighbor %s: %w", bgptext.Printable(string(name), 64), err)
				}
				return nil
			})
		}
		return r.Skip()
	})
	if err == nil && !hasPeers {
		err = routerclient.Errorf(routerclient.ReasonAnswerTruncated, "its table of neighbors is missing")
	}
	return err
}

// summaryPeer is a neighbor in the summary of one family. The words are parts of the answer.
type summaryPeer struct {
	asn                  uint32
	state, idleReason    []byte
	upDownTime, received float64
}

// peer takes the state from the answer that came last, where a neighbor is in both families.
func (r *reader) peer(i *instance, vrf, name string) error {
	var p summaryPeer
	err := r.Object(func(name []byte) (err error) {
		switch string(name) {
		case "asn":
			err = r.ASN(&p.asn)
		case "peerState":
			p.state, err = r.Text()
		case "peerStateIdleReason":
			p.idleReason, err = r.Text()
		case "upDownTime":
			p.upDownTime, err = r.number()
		case "prefixReceived":
			p.received, err = r.number()
		default:
			err = r.Skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	session, err := p.session(vrf, name)
	if err != nil {
		return err
	}
	n, found := i.byName[name]
	if !found {
		if err := routerclient.CheckSessions(len(r.t.neighbors) + 1); err != nil {
			return err
		}
		n = &neighbor{}
		i.byName[name] = n
		r.t.neighbors = append(r.t.neighbors, n)
	}
	session.Families = r.t.room.Append(n.session.Families, routerclient.Family{AFI: r.afi, Received: uint64(p.received)})
	n.session, n.since = session, p.upDownTime
	return nil
}

// number reads one that some releases print as a string. What is none, or negative, is no error, but 0: neither a time
// nor a count of prefixes is worth a snapshot.
func (r *reader) number() (float64, error) {
	text, err := r.Scalar()
	if err != nil {
		return 0, err
	}
	n, notNumber := strconv.ParseFloat(string(text), 64)
	if notNumber != nil || math.IsNaN(n) || n < 0 || n > maxNumber {
		return 0, nil
	}
	return n, nil
}

// maxNumber is the largest of which a float64 has all digits.
const maxNumber = 1 << 53

// session returns the neighbor without its families. EOS keeps the reason of the last time it was Idle in any state.
func (p *summaryPeer) session(vrf, name string) (routerclient.Session, error) {
	if len(p.state) == 0 {
		return routerclient.Session{}, errors.New("no state")
	}
	peer, iface, err := bgptext.Peer(name)
	if err != nil {
		return routerclient.Session{}, err
	}
	state, qualifier := bgptext.State(string(p.state))
	s := routerclient.Session{VRF: vrf, Peer: peer, Interface: iface, RemoteASN: p.asn, State: state}
	switch reason := string(p.idleReason); {
	case state == routerclient.Idle && reason == "Admin":
		s.AdminDown = true
	case state == routerclient.Idle && reason != "":
		s.Detail = bgptext.Printable(reason, maxDetail)
	case state == routerclient.Unrecognized:
		s.Detail = bgptext.Printable(string(p.state), maxDetail)
	default:
		s.Detail = bgptext.Printable(qualifier, maxDetail)
	}
	return s, nil
}
