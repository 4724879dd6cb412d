package bird

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// details are what is read of a protocol besides its session.
type details struct {
	seen     fields
	channels []channel
	message  string
}

func (d *details) reset() { *d = details{channels: d.channels[:0]} }

// channel is one address family of a protocol.
type channel struct {
	name, state, inputFilter []byte
	received                 uint64
}

// fields is a set of those that every BGP protocol has, one bit for each of required.
type fields uint8

// required are the names of the fields, "Neighbor range" standing for its address.
var required = [...]string{"BGP state", "Neighbor address", "Neighbor AS", "Local AS"}

const (
	fieldState fields = 1 << iota
	fieldAddress
	fieldNeighborAS
	fieldLocalAS
)

// missing returns the first field that is not in f.
func (f fields) missing() (name string, missing bool) {
	for i, name := range required {
		if f&(1<<i) == 0 {
			return name, true
		}
	}
	return "", false
}

// field reads one line of details. A channel's lines come after all of the protocol's own.
func (p *parser) field(text []byte) error {
	if name, isChannel := bytes.CutPrefix(text, []byte("Channel ")); isChannel {
		p.channels = append(p.channels, channel{name: name})
		return nil
	}
	key, value, found := bytes.Cut(text, []byte(":"))
	if !found {
		return nil
	}
	if n := len(p.channels); n > 0 {
		return p.channels[n-1].field(key, value)
	}
	if err := p.ownField(key, value); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// fieldValue is what stands behind the colon. Most values are not read, and few of the others are kept.
type fieldValue []byte

func (v fieldValue) String() string { return string(bytes.TrimSpace(v)) }

func (p *parser) ownField(key []byte, value fieldValue) (err error) {
	s := &p.current().session
	switch string(key) {
	case "VRF":
		if s.VRF = p.vrfs.Printable(value.String()); s.VRF == "" {
			err = errors.New("no name")
		}
	case "Message":
		p.message = value.String()
	case "BGP state":
		p.seen |= fieldState
		p.setState(s, value.String())
	case "Neighbor address":
		p.seen |= fieldAddress
		s.Peer, s.Interface, err = bgptext.Peer(value.String())
	case "Neighbor range":
		p.seen |= fieldAddress
		p.current().prefix, err = netip.ParsePrefix(value.String())
	case "Neighbor AS":
		p.seen |= fieldNeighborAS
		s.RemoteASN, err = bgptext.ASN(value.String())
	case "Local AS":
		p.seen |= fieldLocalAS
		s.LocalASN, err = bgptext.ASN(value.String())
	case "Neighbor ID":
		if id, ok := bgptext.Addr(value.String()); ok {
			s.PeerRouterID = id
		} else {
			err = fmt.Errorf("%q is no address", bgptext.Printable(value.String(), 64))
		}
	case "Last error":
		s.Detail = bgptext.Printable(value.String(), maxDetail)
	}
	return err
}

// setState reads BIRD's words for a state. Passive is RFC 4271's Active without connections of its own, and Down is a
// protocol that does not run.
func (p *parser) setState(s *routerclient.Session, word string) {
	switch word {
	case "Passive":
		s.State, s.Detail = routerclient.Active, "Passive"
	case "Down", "Close":
		s.State = routerclient.Idle
	default:
		s.State, _ = bgptext.State(word)
	}
	p.current().down = word == "Down"
}

func (c *channel) field(key []byte, value fieldValue) (err error) {
	switch string(key) {
	case "State":
		c.state = bytes.TrimSpace(value)
	case "Input filter":
		c.inputFilter = bytes.TrimSpace(value)
	case "Routes":
		if c.received, err = received(value); err != nil {
			return fmt.Errorf("channel %s: %w", c.name, err)
		}
	}
	return nil
}

// received adds up what came from the neighbor in "2 imported, 1 filtered, 0 exported, 2 preferred". Filtered routes
// are counted only where the channel keeps them.
func received(routes []byte) (uint64, error) {
	var sum uint64
	for more := true; more; {
		var part []byte
		part, routes, more = bytes.Cut(routes, []byte(","))
		count, kind := bgptext.CutWord(part)
		if string(kind) != " imported" && string(kind) != " filtered" {
			continue
		}
		n, isNumber := bgptext.Uint(count)
		if !isNumber || n > maxRoutes {
			return 0, fmt.Errorf("%q is no number of routes", bgptext.Printable(string(count), 20))
		}
		sum += n
	}
	return sum, nil
}

// maxRoutes is the range of BIRD's own counters.
const maxRoutes = 1<<32 - 1

// finish adds to the session what depends on more than one line.
func (p *parser) finish() {
	s := &p.current().session
	// What shut itself down, over a limit say, has a last error; what a person disabled has at most a message.
	if s.AdminDown = p.current().down && s.Detail == ""; s.AdminDown {
		s.Detail = bgptext.Printable(p.message, maxDetail)
	}
	p.addFamilies(s)
}

// addFamilies leaves out the channels that an Established session did not negotiate. A channel that is up behind the
// filter REJECT ("import none") takes no route; a session is blocked if no channel takes one.
func (p *parser) addFamilies(s *routerclient.Session) {
	up, blocked := s.State == routerclient.Established, true
	for _, c := range p.channels {
		afi, isUnicast := unicast(c.name)
		if !isUnicast || up && string(c.state) != "UP" {
			continue
		}
		s.Families = p.families.Append(s.Families, routerclient.Family{AFI: afi, Received: c.received})
		blocked = blocked && string(c.inputFilter) == "REJECT"
	}
	s.PolicyBlocked = up && blocked && len(s.Families) > 0
}

// unicast is false for the name of a channel that carries no routes to services.
func unicast(channel []byte) (routerclient.AFI, bool) {
	switch string(channel) {
	case "ipv4":
		return routerclient.IPv4, true
	case "ipv6":
		return routerclient.IPv6, true
	}
	return "", false
}
