package bird

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// field reads one line of details. A channel's lines come after all of the protocol's own.
func (p *protocol) field(text string) error {
	text = strings.TrimSpace(text)
	if name, isChannel := strings.CutPrefix(text, "Channel "); isChannel {
		p.channels = append(p.channels, channel{name: name})
		return nil
	}
	key, value, _ := strings.Cut(text, ":")
	value = strings.TrimSpace(value)
	if n := len(p.channels); n > 0 {
		return p.channels[n-1].field(key, value)
	}
	if err := p.ownField(key, value); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

func (p *protocol) ownField(key, value string) (err error) {
	s := &p.session
	switch key {
	case "VRF":
		s.VRF = value
	case "Message":
		p.message = value
	case "BGP state":
		p.setState(value)
	case "Neighbor address":
		s.Peer, s.Interface, err = bgptext.Peer(value)
	case "Neighbor range":
		key = "Neighbor address"
		p.prefix, err = netip.ParsePrefix(value)
	case "Neighbor AS":
		s.RemoteASN, err = bgptext.ASN(value)
	case "Local AS":
		s.LocalASN, err = bgptext.ASN(value)
	case "Neighbor ID":
		s.PeerRouterID, err = netip.ParseAddr(value)
	case "Last error":
		s.Detail = bgptext.Printable(value, maxDetail)
	}
	if slices.Contains(required, key) {
		p.seen[key] = true
	}
	return err
}

// setState reads BIRD's words for a state. Passive is RFC 4271's Active without connections of its own, and Down is a
// protocol that does not run.
func (p *protocol) setState(word string) {
	switch word {
	case "Passive":
		p.session.State, p.session.Detail = routerclient.Active, word
	case "Down", "Close":
		p.session.State = routerclient.Idle
	default:
		p.session.State, _ = bgptext.State(word)
	}
	p.down = word == "Down"
}

func (c *channel) field(key, value string) error {
	switch key {
	case "State":
		c.state = value
	case "Input filter":
		c.inputFilter = value
	case "Routes":
		var err error
		if c.received, err = received(value); err != nil {
			return fmt.Errorf("channel %s: %w", c.name, err)
		}
	}
	return nil
}

// received adds up what came from the neighbor in "2 imported, 1 filtered, 0 exported, 2 preferred". Filtered routes
// are counted only where the channel keeps them.
func received(routes string) (uint64, error) {
	var sum uint64
	for part := range strings.SplitSeq(routes, ",") {
		count, kind, _ := strings.Cut(strings.TrimSpace(part), " ")
		if kind != "imported" && kind != "filtered" {
			continue
		}
		n, err := strconv.ParseUint(count, 10, 32)
		if err != nil {
			return 0, fmt.Errorf("%q is no number of routes", bgptext.Printable(count, 20))
		}
		sum += n
	}
	return sum, nil
}
