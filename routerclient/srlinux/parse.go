package srlinux

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// instance is BGP in one network instance.
type instance struct {
	vrf          string
	routerID     netip.Addr
	asn          bgpjson.ASN
	totalPeers   count
	sessions     []routerclient.Session
	listenRanges []routerclient.ListenRange
	// established is since when each session has been up, by the router's clock.
	established []time.Time
}

// parseBGP reads the answer to infoBGP:
//
//	{"network-instance":[{"name":"default","protocols":{"bgp":{"autonomous-system":…,"neighbor":[…],"statistics":{…}}}}]}
//
// Any name may have the YANG module before it, as in "srl_nokia-bgp:bgp".
func parseBGP(out routerclient.Output) ([]*instance, error) {
	const action = "reading the BGP state"
	dec, found := bgpjson.NewDecoder(out.Stdout, '{')
	if !found {
		return nil, withoutJSON(action, out)
	}
	var instances []*instance
	err := bgpjson.Members(dec, func(name string) error {
		if withoutModule(name) != "network-instance" {
			return fmt.Errorf("member %q where network-instance should be", bgptext.Printable(name, 64))
		}
		return elements(dec, func() error {
			i, err := decodeInstance(dec)
			if i != nil {
				instances = append(instances, i)
			}
			return err
		})
	})
	if err == nil {
		err = bgpjson.End(dec)
	}
	if err != nil {
		return nil, bgpjson.Error(action, err)
	}
	if len(instances) == 0 {
		return nil, routerclient.Errorf(routerclient.ReasonBGPNotRunning, "%s: no network instance runs BGP", action)
	}
	return instances, nil
}

// members decodes the members that have a function, and skips the others.
func members(dec *json.Decoder, known map[string]func() error) error {
	return bgpjson.Members(dec, func(name string) error {
		if decode, found := known[withoutModule(name)]; found {
			return decode()
		}
		return bgpjson.Skip(dec)
	})
}

func withoutModule(name string) string { return name[strings.LastIndexByte(name, ':')+1:] }

func elements(dec *json.Decoder, element func() error) error {
	if token, err := dec.Token(); err != nil {
		return err
	} else if token != json.Delim('[') {
		return errors.New("something else where a list should be")
	}
	for dec.More() {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// decodeInstance returns nil for a network instance without BGP.
func decodeInstance(dec *json.Decoder) (*instance, error) {
	var name string
	var i *instance
	err := members(dec, map[string]func() error{
		"name": func() error { return dec.Decode(&name) },
		"protocols": func() error {
			return members(dec, map[string]func() error{"bgp": func() (err error) {
				i, err = decodeBGP(dec)
				return err
			}})
		},
	})
	if err != nil || i == nil {
		return nil, err
	}
	if i.vrf = bgptext.Printable(name, maxDetail); i.vrf == "" {
		return nil, errors.New("a network instance without a name")
	}
	for n := range i.sessions {
		i.sessions[n].VRF, i.sessions[n].LocalASN = i.vrf, uint32(i.asn)
	}
	for n := range i.listenRanges {
		i.listenRanges[n].VRF = i.vrf
	}
	if uint64(len(i.sessions)) < uint64(i.totalPeers) {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated,
			"network instance %s: %d neighbors where the router counts %d", i.vrf, len(i.sessions), i.totalPeers)
	}
	return i, nil
}

func decodeBGP(dec *json.Decoder) (*instance, error) {
	i := &instance{}
	var statistics struct {
		TotalPeers count `json:"total-peers"`
	}
	err := members(dec, map[string]func() error{
		"autonomous-system": func() error { return dec.Decode(&i.asn) },
		"router-id":         func() error { return dec.Decode(&i.routerID) },
		"neighbor":          func() error { return elements(dec, func() error { return i.decodeNeighbor(dec) }) },
		"statistics":        func() error { return dec.Decode(&statistics) },
		"dynamic-neighbors": func() error { return i.decodeListenRanges(dec) },
	})
	i.totalPeers = statistics.TotalPeers
	return i, err
}

// neighbor is an element of the list of the same name.
type neighbor struct {
	PeerAddress     string      `json:"peer-address"`
	AdminState      string      `json:"admin-state"`
	PeerAS          bgpjson.ASN `json:"peer-as"`
	PeerGroup       string      `json:"peer-group"`
	PeerRouterID    string      `json:"peer-router-id"`
	DynamicNeighbor bool        `json:"dynamic-neighbor"`
	SessionState    string      `json:"session-state"`
	LastEvent       string      `json:"last-event"`
	LastEstablished timestamp   `json:"last-established"`
	AFISAFI         []struct {
		Name           string `json:"afi-safi-name"`
		OperState      string `json:"oper-state"`
		ReceivedRoutes count  `json:"received-routes"`
	} `json:"afi-safi"`
}

// decodeNeighbor leaves out what is known of the whole instance only.
func (i *instance) decodeNeighbor(dec *json.Decoder) error {
	var n neighbor
	if err := dec.Decode(&n); err != nil {
		return err
	}
	session, err := n.session()
	if err != nil {
		return err
	}
	i.sessions = append(i.sessions, session)
	i.established = append(i.established, time.Time(n.LastEstablished))
	return nil
}

var unicast = map[string]routerclient.AFI{"ipv4-unicast": routerclient.IPv4, "ipv6-unicast": routerclient.IPv6}

func (n neighbor) session() (routerclient.Session, error) {
	peer, iface, err := bgptext.Peer(n.PeerAddress)
	if err != nil {
		return routerclient.Session{}, err
	}
	if n.SessionState == "" {
		return routerclient.Session{}, fmt.Errorf("neighbor %s without a state", peer)
	}
	s := routerclient.Session{
		Peer:      peer,
		Interface: iface,
		RemoteASN: uint32(n.PeerAS),
		AdminDown: n.AdminState == "disable",
		Dynamic:   n.DynamicNeighbor,
		PeerGroup: bgptext.Printable(n.PeerGroup, maxDetail),
	}
	s.State, _ = bgptext.State(n.SessionState)
	if id, err := netip.ParseAddr(n.PeerRouterID); err == nil && id.Is4() && !id.IsUnspecified() {
		s.PeerRouterID = id
	}
	for _, f := range n.AFISAFI {
		if afi, isUnicast := unicast[withoutModule(f.Name)]; isUnicast && f.OperState == "up" {
			s.Families = append(s.Families, routerclient.Family{AFI: afi, Received: uint64(f.ReceivedRoutes)})
		}
	}
	s.FamiliesNegotiated = s.State == routerclient.Established
	if s.State != routerclient.Established && !s.AdminDown && n.LastEvent != "" {
		s.Detail = bgptext.Printable("last event: "+n.LastEvent, maxDetail)
	}
	return s, nil
}

// decodeListenRanges leaves out the VRF. Link-local ranges, of unnumbered neighbors, are among them.
func (i *instance) decodeListenRanges(dec *json.Decoder) error {
	var d struct {
		Accept struct {
			Match []struct {
				Prefix    netip.Prefix `json:"prefix"`
				PeerGroup string       `json:"peer-group"`
			} `json:"match"`
		} `json:"accept"`
	}
	if err := dec.Decode(&d); err != nil {
		return err
	}
	for _, m := range d.Accept.Match {
		if !m.Prefix.IsValid() {
			return errors.New("a listen range without a prefix")
		}
		i.listenRanges = append(i.listenRanges, routerclient.ListenRange{
			Prefix: m.Prefix.Masked(), PeerGroup: bgptext.Printable(m.PeerGroup, maxDetail),
		})
	}
	return nil
}

func (i *instance) hasSessionUp() bool {
	return slices.ContainsFunc(i.sessions, func(s routerclient.Session) bool { return s.State == routerclient.Established })
}

// maxUptime is longer than any session lasts. A session that came up before the clock was set seems to last since 1970.
const maxUptime = 10 * 365 * 24 * time.Hour

// setUptimes leaves 0, for not known, where the router's clock was set meanwhile, or is not known itself.
func (i *instance) setUptimes(clock time.Time) {
	for n := range i.sessions {
		if up := clock.Sub(i.established[n]); i.sessions[n].State == routerclient.Established && up > 0 && up < maxUptime {
			i.sessions[n].Uptime = up
		}
	}
}

// parseClock returns the zero Time for an answer that it does not understand.
func parseClock(out routerclient.Output) time.Time {
	var clock timestamp
	dec, found := bgpjson.NewDecoder(out.Stdout, '{')
	if !found {
		return time.Time{}
	}
	err := members(dec, map[string]func() error{"system": func() error {
		return members(dec, map[string]func() error{"information": func() error {
			return members(dec, map[string]func() error{"current-datetime": func() error { return dec.Decode(&clock) }})
		}})
	}})
	if err != nil || bgpjson.End(dec) != nil {
		return time.Time{}
	}
	return time.Time(clock)
}

func snapshot(instances []*instance) *routerclient.Snapshot {
	s := &routerclient.Snapshot{}
	for _, i := range instances {
		inDefault := i.vrf == routerclient.DefaultVRF
		if inDefault {
			s.LocalASN = uint32(i.asn)
		}
		if i.routerID.IsValid() && (inDefault || !s.RouterID.IsValid()) {
			s.RouterID = i.routerID
		}
		s.Sessions = append(s.Sessions, i.sessions...)
		s.ListenRanges = append(s.ListenRanges, i.listenRanges...)
	}
	return s
}

// withoutJSON is the error for an answer that holds no JSON at all.
func withoutJSON(action string, out routerclient.Output) error {
	words := posixsh.Words(out)
	lower := strings.ToLower(words)
	switch err := posixsh.Refused(out); {
	case err != nil:
		return fmt.Errorf("%s: %w", action, err)
	case strings.Contains(lower, "not authorized"), strings.Contains(lower, "permission denied"):
		return routerclient.Errorf(routerclient.ReasonPermissionDenied, "%s: the router refused: %s", action, words)
	case words == "no output" && out.ExitStatus <= 0:
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: the answer is empty", action)
	}
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: no JSON in the answer (exit status %d): %s", action, out.ExitStatus, words)
}
