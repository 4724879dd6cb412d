package bmpstation

import (
	"net/netip"
	"time"

	"github.com/peergate/peergate/internal/bmp"
	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/routerclient"
)

// MaxDelay is how old what arrives on a stream may be. The protocol is one way, and the time in its messages is by the
// router's clock, where it is right at all: the Peer Ups of FRR have that of the session before. But the kernel cuts a
// stream off whose router has not been heard of for four seconds (keepAlive), TCP repeats what was lost within as long
// again, and the station is never behind in reading.
const MaxDelay = 10 * time.Second

// tell puts what a message says into the table, and has the routers it is about asked again, unless they have said the same
// already.
func (s *Station) tell(st *stream, m bmp.Message, now time.Time) {
	session, ok := sessionOf(m)
	for _, one := range st.senders {
		metrics.BMPMessage(one.router, kindOf(m))
		if !ok {
			continue
		}
		r := sessiontable.Report{Session: session, HeardAt: now, SaidAt: now.Add(-MaxDelay), StaleAfter: one.staleAfter}
		news := !s.Table.Redundant(one.router, r)
		believed := session.Peer.IsValid() && session.State != "" && (one.vrf == sessiontable.AnyVRF || one.vrf == session.VRF)
		if believed {
			s.Table.Report(one.router, r)
		}
		s.Streams.heard(st, one.router, now, news, believed)
	}
}

// sessionOf is the session that a message is about. It is not ok if there is none. It has no peer if the message does not
// say which, no state if it does not say whether it is up, and no VRF if the name of one may be missing.
func sessionOf(m bmp.Message) (s routerclient.Session, ok bool) {
	switch m := m.(type) {
	case *bmp.PeerUp:
		s = newSession(m.Peer, m.VRF)
		s.State, s.LocalASN = routerclient.Established, m.Sent.ASN
		s.Families, s.FamiliesNegotiated = families(m.Sent, m.Received)
		if m.Damaged {
			s.VRF = m.VRF
		}
		return s, m.Type != bmp.LocRIB
	case *bmp.PeerDown:
		s = newSession(m.Peer, m.VRF)
		if m.Ended() {
			s.State, s.AdminDown, s.Detail = routerclient.Idle, m.AdminDown(), m.Words
		}
		return s, m.Type != bmp.LocRIB
	default:
		return s, false
	}
}

// families are those that both sides want to exchange. They are not known if the router has lost the OPENs.
func families(sent, received bmp.Open) (of []routerclient.Family, known bool) {
	if !sent.ID.IsValid() || !received.ID.IsValid() {
		return nil, false
	}
	if sent.IPv4 && received.IPv4 {
		of = append(of, routerclient.Family{AFI: routerclient.IPv4})
	}
	if sent.IPv6 && received.IPv6 {
		of = append(of, routerclient.Family{AFI: routerclient.IPv6})
	}
	return of, true
}

func newSession(p bmp.Peer, vrf string) routerclient.Session {
	s := routerclient.Session{VRF: vrfOf(p, vrf), Peer: p.Addr, RemoteASN: p.AS}
	if p.ID != netip.IPv4Unspecified() {
		s.PeerRouterID = p.ID
	}
	return s
}

// globalTable is what RFC 9069 section 4.4 calls the default VRF.
const globalTable = "global"

// vrfOf is the VRF of a peer, or "" where the router gives it no name that is known elsewhere. FRR names none, and says
// of every peer that it is global.
func vrfOf(p bmp.Peer, name string) string {
	if name == globalTable || name == "" && p.Type == bmp.GlobalInstance {
		return routerclient.DefaultVRF
	}
	return name
}

func kindOf(m bmp.Message) string {
	switch m := m.(type) {
	case *bmp.PeerUp:
		return bmp.TypePeerUp.String()
	case *bmp.PeerDown:
		return bmp.TypePeerDown.String()
	case *bmp.Skipped:
		if m.Type <= bmp.TypeRouteMirroring {
			return m.Type.String()
		}
	}
	return "other"
}
