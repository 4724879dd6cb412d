package eos

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// table is what the summaries of both families hold, merged.
type table struct {
	instances map[string]*instance
	neighbors []*neighbor
}

// instance is the BGP of one VRF.
type instance struct {
	routerID netip.Addr
	asn      uint32
	byName   map[string]*neighbor
}

type neighbor struct {
	session routerclient.Session
	// since is when the session entered its state, in seconds since 1970 by the router's clock; 0 if not shown.
	since float64
}

// read adds the answer to the summary of one family:
//
//	{"vrfs":{"default":{"vrf":"default","routerId":"192.0.2.1","asn":"64512","peers":{"192.0.2.11":{…},…}},…}}
func (t *table) read(out routerclient.Output, afi routerclient.AFI) error {
	action := "reading the " + string(afi) + " summary"
	dec, found := bgpjson.NewDecoder(out.Stdout, '{')
	if !found {
		return withoutJSON(action, out)
	}
	if err := t.decode(dec, afi); err != nil {
		return bgpjson.Error(action, err)
	}
	if len(t.instances) == 0 {
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning,
			"%s: EOS runs no BGP; is there a \"router bgp\" in its configuration?", action)
	}
	return nil
}

func (t *table) decode(dec *json.Decoder, afi routerclient.AFI) error {
	known := false
	err := bgpjson.Members(dec, func(name string) error {
		switch name {
		case "vrfs":
			known = true
			return bgpjson.Members(dec, func(vrf string) error {
				if err := t.decodeVRF(dec, vrf, afi); err != nil {
					return fmt.Errorf("VRF %s: %w", bgptext.Printable(vrf, 64), err)
				}
				return nil
			})
		case "errors":
			return refusalInJSON(dec)
		}
		return bgpjson.Skip(dec)
	})
	if err != nil {
		return err
	}
	if !known {
		return errors.New("no VRFs in the answer")
	}
	return bgpjson.End(dec)
}

func (t *table) decodeVRF(dec *json.Decoder, vrf string, afi routerclient.AFI) error {
	if vrf == "" {
		return errors.New("it has no name")
	}
	i, found := t.instances[vrf]
	if !found {
		i = &instance{byName: map[string]*neighbor{}}
		t.instances[vrf] = i
	}
	var routerID string
	var asn bgpjson.ASN
	hasPeers := false
	err := bgpjson.Members(dec, func(name string) error {
		switch name {
		case "routerId":
			return dec.Decode(&routerID)
		case "asn":
			return dec.Decode(&asn)
		case "peers":
			hasPeers = true
			return bgpjson.Members(dec, func(name string) error { return t.decodePeer(dec, i, vrf, name, afi) })
		}
		return bgpjson.Skip(dec)
	})
	if err != nil {
		return err
	}
	if !hasPeers {
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "its table of neighbors is missing")
	}
	i.asn, i.routerID = uint32(asn), parseRouterID(routerID)
	return nil
}

// summaryPeer is a neighbor in the summary of one family.
type summaryPeer struct {
	ASN                 bgpjson.ASN `json:"asn"`
	PeerState           string      `json:"peerState"`
	PeerStateIdleReason string      `json:"peerStateIdleReason"`
	UpDownTime          float64     `json:"upDownTime"`
	PrefixReceived      uint64      `json:"prefixReceived"`
}

// decodePeer takes the state from the answer that came last, where a neighbor is in both families.
func (t *table) decodePeer(dec *json.Decoder, i *instance, vrf, name string, afi routerclient.AFI) error {
	var p summaryPeer
	if err := dec.Decode(&p); err != nil {
		return fmt.Errorf("neighbor %s: %w", bgptext.Printable(name, 64), err)
	}
	session, err := p.session(vrf, name)
	if err != nil {
		return fmt.Errorf("neighbor %s: %w", bgptext.Printable(name, 64), err)
	}
	n, found := i.byName[name]
	if !found {
		n = &neighbor{}
		i.byName[name] = n
		t.neighbors = append(t.neighbors, n)
	}
	session.Families = append(n.session.Families, routerclient.Family{AFI: afi, Received: p.PrefixReceived})
	n.session, n.since = session, p.UpDownTime
	return nil
}

// session returns the neighbor without its families. EOS keeps the reason of the last time it was Idle in any state.
func (p summaryPeer) session(vrf, name string) (routerclient.Session, error) {
	if p.PeerState == "" {
		return routerclient.Session{}, errors.New("no state")
	}
	peer, iface, err := bgptext.Peer(name)
	if err != nil {
		return routerclient.Session{}, err
	}
	state, qualifier := bgptext.State(p.PeerState)
	s := routerclient.Session{VRF: vrf, Peer: peer, Interface: iface, RemoteASN: uint32(p.ASN), State: state}
	switch {
	case state == routerclient.Idle && p.PeerStateIdleReason == "Admin":
		s.AdminDown = true
	case state == routerclient.Idle && p.PeerStateIdleReason != "":
		s.Detail = bgptext.Printable(p.PeerStateIdleReason, maxDetail)
	case state == routerclient.Unrecognized:
		s.Detail = bgptext.Printable(p.PeerState, maxDetail)
	default:
		s.Detail = bgptext.Printable(qualifier, maxDetail)
	}
	return s, nil
}

// parseRouterID returns the zero Addr for a BGP that has no identifier yet, and for what is none.
func parseRouterID(s string) netip.Addr {
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.IsUnspecified() {
		return netip.Addr{}
	}
	return addr
}

func (t *table) snapshot() *routerclient.Snapshot {
	s := &routerclient.Snapshot{Sessions: make([]routerclient.Session, 0, len(t.neighbors))}
	if i, found := t.instances[routerclient.DefaultVRF]; found {
		s.RouterID, s.LocalASN = i.routerID, i.asn
	}
	for _, n := range t.neighbors {
		i := t.instances[n.session.VRF]
		if !s.RouterID.IsValid() {
			s.RouterID = i.routerID
		}
		if n.session.LocalASN == 0 {
			n.session.LocalASN = i.asn
		}
		s.Sessions = append(s.Sessions, n.session)
	}
	return s
}

// refusalInJSON is the error for {"errors":["…"]}, EOS's way to refuse a command that was asked for JSON.
func refusalInJSON(dec *json.Decoder) error {
	var said []string
	if err := dec.Decode(&said); err != nil {
		return err
	}
	words := bgptext.Printable(strings.Join(said, " "), maxDetail)
	return routerclient.Errorf(reasonOf(words), "EOS answers: %s", words)
}

// withoutJSON is the error for an answer that holds no JSON at all.
func withoutJSON(action string, out routerclient.Output) error {
	if err := posixsh.Refused(out); err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	words := posixsh.Words(out)
	if len(out.Stdout)+len(out.Stderr) == 0 {
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: the answer is empty", action)
	}
	return routerclient.Errorf(reasonOf(words), "%s: no JSON in the answer (exit status %d): %s", action, out.ExitStatus, words)
}

func reasonOf(words string) routerclient.Reason {
	switch words = strings.ToLower(words); {
	case strings.Contains(words, "authorization denied"):
		return routerclient.ReasonPermissionDenied
	case strings.Contains(words, "bgp inactive"):
		return routerclient.ReasonBGPNotRunning
	}
	return routerclient.ReasonAnswerNotUnderstood
}
