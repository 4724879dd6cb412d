package openbgpd

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
)

// neighbor is what is read of an element of the array. Which members that has depends on what there is to say.
type neighbor struct {
	// remoteAddr of a template is a prefix.
	remoteAddr, bgpID, state, group     string
	remoteAS                            uint32
	lastUpDownSec, received             int64
	cloned, down                        bool
	myShutdownReason, theirReason       string
	lastErrorSent, lastErrorReceived    string
	configuredFamilies, sessionFamilies multiprotocol
}

// multiprotocol is a list of address families. That of the session is there while there is a connection, with what
// both sides offered.
type multiprotocol struct {
	// shown is false if the list is not there, or empty.
	shown bool
	// unicast are those that carry routes to services.
	unicast []routerclient.AFI
}

// reset empties n, but for the room that its lists have.
func (n *neighbor) reset() {
	*n = neighbor{
		configuredFamilies: multiprotocol{unicast: n.configuredFamilies.unicast[:0]},
		sessionFamilies:    multiprotocol{unicast: n.sessionFamilies.unicast[:0]},
	}
}

func (n *neighbor) read(s *bgpjson.Scanner) error {
	return s.Object(func(name []byte) error {
		switch string(name) {
		case "remote_as":
			return s.ASN(&n.remoteAS)
		case "remote_addr":
			return s.String(&n.remoteAddr)
		case "group":
			return s.String(&n.group)
		case "bgpid":
			return s.String(&n.bgpID)
		case "state":
			return s.String(&n.state)
		case "last_updown_sec":
			return s.Int(&n.lastUpDownSec)
		case "my_shutdown_reason":
			return s.String(&n.myShutdownReason)
		case "last_shutdown_reason":
			return s.String(&n.theirReason)
		case "last_error_sent":
			return s.String(&n.lastErrorSent)
		case "last_error_received":
			return s.String(&n.lastErrorReceived)
		case "config":
			return n.readConfig(s)
		case "stats":
			return s.Member("prefixes", func() error {
				return s.Member("received", func() error { return s.Int(&n.received) })
			})
		case "session":
			return s.Member("capabilities", func() error { return n.sessionFamilies.read(s) })
		}
		return s.Skip()
	})
}

func (n *neighbor) readConfig(s *bgpjson.Scanner) error {
	return s.Object(func(name []byte) error {
		switch string(name) {
		case "cloned":
			return s.Bool(&n.cloned)
		case "down":
			return s.Bool(&n.down)
		case "capabilities":
			return n.configuredFamilies.read(s)
		}
		return s.Skip()
	})
}

// read takes the list from an object of capabilities.
func (m *multiprotocol) read(s *bgpjson.Scanner) error {
	return s.Member("multiprotocol", func() error {
		return s.Array(func() error {
			family, err := s.Text()
			m.shown = true
			switch string(family) {
			case "IPv4 unicast":
				m.unicast = append(m.unicast, routerclient.IPv4)
			case "IPv6 unicast":
				m.unicast = append(m.unicast, routerclient.IPv6)
			}
			return err
		})
	})
}
