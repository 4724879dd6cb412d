package openbgpd

import (
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// table makes a snapshot of the neighbors.
type table struct {
	snapshot routerclient.Snapshot
	groups   bgptext.Names
	families bgptext.Families
}

func (t *table) add(n *neighbor) error {
	if n.remoteAddr == "" || n.state == "" {
		return errors.New("no address or no state")
	}
	if err := routerclient.CheckSessions(max(len(t.snapshot.Sessions), len(t.snapshot.ListenRanges)) + 1); err != nil {
		return err
	}
	if strings.Contains(n.remoteAddr, "/") {
		return t.addRange(n)
	}
	session, err := t.session(n)
	t.snapshot.Sessions = append(t.snapshot.Sessions, session)
	return err
}

func (t *table) addRange(n *neighbor) error {
	prefix, err := netip.ParsePrefix(n.remoteAddr)
	if err != nil {
		return errors.New("not a prefix")
	}
	t.snapshot.ListenRanges = append(t.snapshot.ListenRanges, routerclient.ListenRange{
		VRF: routerclient.DefaultVRF, Prefix: prefix.Masked(), PeerGroup: t.groups.Printable(n.group),
	})
	return nil
}

func (t *table) session(n *neighbor) (s routerclient.Session, err error) {
	state, _ := bgptext.State(n.state)
	s = routerclient.Session{
		VRF:       routerclient.DefaultVRF,
		RemoteASN: n.remoteAS,
		State:     state,
		AdminDown: n.down,
		Dynamic:   n.cloned,
		PeerGroup: t.groups.Printable(n.group),
	}
	if state == routerclient.Established {
		s.Uptime = time.Duration(min(max(n.lastUpDownSec, 0), maxUptimeSec)) * time.Second
		s.FamiliesNegotiated = n.sessionFamilies.shown
	} else {
		s.Detail = bgptext.Printable(n.reason(), maxDetail)
	}
	if s.Peer, s.Interface, err = bgptext.Peer(n.remoteAddr); err != nil {
		return s, err
	}
	t.addFamilies(&s, n)
	if n.bgpID != "" {
		s.PeerRouterID, err = netip.ParseAddr(n.bgpID)
	}
	return s, err
}

// maxUptimeSec bounds an uptime at a century.
const maxUptimeSec = 100 * 365 * 24 * 60 * 60

func (n *neighbor) reason() string {
	if n.down {
		return n.myShutdownReason
	}
	var reasons []string
	if n.lastErrorReceived != "" {
		reasons = append(reasons, n.lastErrorReceived+" (received)")
	}
	if n.lastErrorSent != "" {
		reasons = append(reasons, n.lastErrorSent+" (sent)")
	}
	if n.theirReason != "" {
		reasons = append(reasons, n.theirReason)
	}
	return strings.Join(reasons, "; ")
}

// addFamilies adds those that the session negotiated, or of a session that is not up those that it would offer. The one
// count there is goes to the family of the neighbor's own address, or else to the only one.
func (t *table) addFamilies(s *routerclient.Session, n *neighbor) {
	families := n.sessionFamilies
	if !families.shown {
		families = n.configuredFamilies
	}
	own := 0
	for i, afi := range families.unicast {
		if (afi == routerclient.IPv6) == s.Peer.Is6() {
			own = i
		}
		s.Families = t.families.Append(s.Families, routerclient.Family{AFI: afi})
	}
	if len(s.Families) > 0 {
		s.Families[own].Received = uint64(max(n.received, 0))
	}
}
