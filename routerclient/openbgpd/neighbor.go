package openbgpd

import (
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// neighbor is an element of the array. RemoteAddr of a template is a prefix. Which fields there are depends on what
// there is to say.
type neighbor struct {
	RemoteAS           bgpjson.ASN `json:"remote_as"`
	Group              string      `json:"group"`
	RemoteAddr         string      `json:"remote_addr"`
	BGPID              string      `json:"bgpid"`
	State              string      `json:"state"`
	LastUpDownSec      int64       `json:"last_updown_sec"`
	MyShutdownReason   string      `json:"my_shutdown_reason"`
	LastShutdownReason string      `json:"last_shutdown_reason"`
	LastErrorSent      string      `json:"last_error_sent"`
	LastErrorReceived  string      `json:"last_error_received"`
	Config             struct {
		Cloned       bool         `json:"cloned"`
		Down         bool         `json:"down"`
		Capabilities capabilities `json:"capabilities"`
	} `json:"config"`
	Stats struct {
		Prefixes struct {
			Received uint64 `json:"received"`
		} `json:"prefixes"`
	} `json:"stats"`
	// Session is there while there is a connection, with what both sides offered.
	Session struct {
		Capabilities capabilities `json:"capabilities"`
	} `json:"session"`
}

type capabilities struct {
	Multiprotocol []string `json:"multiprotocol"`
}

func (n neighbor) addTo(s *routerclient.Snapshot) error {
	if n.RemoteAddr == "" || n.State == "" {
		return errors.New("no address or no state")
	}
	if strings.Contains(n.RemoteAddr, "/") {
		prefix, err := netip.ParsePrefix(n.RemoteAddr)
		if err != nil {
			return errors.New("not a prefix")
		}
		s.ListenRanges = append(s.ListenRanges, routerclient.ListenRange{
			VRF: routerclient.DefaultVRF, Prefix: prefix.Masked(), PeerGroup: bgptext.Printable(n.Group, maxDetail),
		})
		return nil
	}
	session, err := n.session()
	s.Sessions = append(s.Sessions, session)
	return err
}

func (n neighbor) session() (routerclient.Session, error) {
	state, _ := bgptext.State(n.State)
	s := routerclient.Session{
		VRF:       routerclient.DefaultVRF,
		RemoteASN: uint32(n.RemoteAS),
		State:     state,
		AdminDown: n.Config.Down,
		Dynamic:   n.Config.Cloned,
		PeerGroup: bgptext.Printable(n.Group, maxDetail),
	}
	if state == routerclient.Established {
		s.Uptime = time.Duration(min(max(n.LastUpDownSec, 0), maxUptimeSec)) * time.Second
	} else {
		s.Detail = bgptext.Printable(n.reason(), maxDetail)
	}
	var err error
	if s.Peer, s.Interface, err = bgptext.Peer(n.RemoteAddr); err != nil {
		return s, err
	}
	s.Families = n.families(s.Peer)
	if n.BGPID != "" {
		s.PeerRouterID, err = netip.ParseAddr(n.BGPID)
	}
	return s, err
}

// maxUptimeSec bounds an uptime at a century.
const maxUptimeSec = 100 * 365 * 24 * 60 * 60

func (n neighbor) reason() string {
	if n.Config.Down {
		return n.MyShutdownReason
	}
	var reasons []string
	if n.LastErrorReceived != "" {
		reasons = append(reasons, n.LastErrorReceived+" (received)")
	}
	if n.LastErrorSent != "" {
		reasons = append(reasons, n.LastErrorSent+" (sent)")
	}
	if n.LastShutdownReason != "" {
		reasons = append(reasons, n.LastShutdownReason)
	}
	return strings.Join(reasons, "; ")
}

var afis = map[string]routerclient.AFI{"IPv4 unicast": routerclient.IPv4, "IPv6 unicast": routerclient.IPv6}

// families are those that the session negotiated, or of a session that is not up those that it would offer. The one
// count there is goes to the family of the neighbor's own address, or else to the only one.
func (n neighbor) families(peer netip.Addr) []routerclient.Family {
	names := n.Session.Capabilities.Multiprotocol
	if len(names) == 0 {
		names = n.Config.Capabilities.Multiprotocol
	}
	var families []routerclient.Family
	own := 0
	for _, name := range names {
		afi, isUnicast := afis[name]
		if !isUnicast {
			continue
		}
		if (afi == routerclient.IPv6) == peer.Is6() {
			own = len(families)
		}
		families = append(families, routerclient.Family{AFI: afi})
	}
	if len(families) > 0 {
		families[own].Received = n.Stats.Prefixes.Received
	}
	return families
}
