package junos

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// document is what both commands answer, as far as it matters here: <bgp-information> with a <bgp-peer> a neighbor.
type document struct {
	// hasBGP is false if there is something else in place of <bgp-information>.
	hasBGP bool
	// words is what the router said outside of <bgp-information>: the text of <output> or of an error's <message>.
	words string
	// peerCount is the router's own count of its configured neighbors, which only the summary has; "" otherwise.
	peerCount string
	peers     []peer
}

// peer holds the text of the elements of the same name.
type peer struct {
	address, as, localAS, group, state, flags, lastError, id, localID string
	// instance is the routing instance that the neighbor is configured in, forwarding the one that its routes are in.
	instance, forwarding string
	// optionsExtended are words; "Shutdown" is one.
	optionsExtended string
	// seconds is how long the neighbor has been in its state, in the summary only.
	seconds string
	// sessionNLRI are words, the families that both sides agreed on; "inet-unicast" is one.
	sessionNLRI string
	ribs        []rib
}

// rib is a routing table that the neighbor's routes are in, as "inet.0" or "RED.inet6.0".
type rib struct{ name, received string }

// decode reads a document up to its end.
func decode(answer []byte) (*document, error) {
	s := &scanner{rest: answer}
	d := &document{}
	var e event
	for {
		if err := s.next(&e); errors.Is(err, io.EOF) {
			return d, nil
		} else if err != nil {
			return nil, err
		}
		if err := d.add(s.open, &e); err != nil {
			return nil, err
		}
	}
}

// add takes what e brings; around are the names of the elements it stands in, itself included if it is a start.
func (d *document) add(around [][]byte, e *event) error {
	if !e.end {
		return d.start(around, e)
	}
	var inside []byte
	if len(around) > 0 {
		inside = around[len(around)-1]
	}
	switch {
	case string(inside) == "bgp-peer":
		return d.peers[len(d.peers)-1].add(e)
	case isPeer(around, 2):
		return d.peers[len(d.peers)-1].addNested(inside, e)
	case string(inside) == "bgp-information" && string(e.name) == "peer-count":
		return set(&d.peerCount, e, e.value())
	case string(e.name) == "output" || string(e.name) == "message" || string(e.name) == "error-message":
		d.words = e.value()
	}
	return nil
}

// start makes room for what an element holds, and takes the one attribute that is read.
func (d *document) start(around [][]byte, e *event) error {
	switch string(e.name) {
	case "bgp-information":
		if d.hasBGP {
			return errors.New("two answers in one")
		}
		d.hasBGP = true
	case "bgp-peer":
		if err := routerclient.CheckSessions(len(d.peers) + 1); err != nil {
			return err
		}
		d.peers = append(d.peers, peer{})
	case "bgp-rib":
		if isPeer(around, 2) {
			p := &d.peers[len(d.peers)-1]
			p.ribs = append(p.ribs, rib{})
		}
	case "elapsed-time":
		if isPeer(around, 2) {
			return set(&d.peers[len(d.peers)-1].seconds, e, e.attribute("seconds"))
		}
	}
	return nil
}

// isPeer is true if the element that many levels up is a <bgp-peer>.
func isPeer(around [][]byte, up int) bool {
	return len(around) >= up && string(around[len(around)-up]) == "bgp-peer"
}

func (p *peer) add(e *event) error {
	var field *string
	switch string(e.name) {
	case "peer-address":
		field = &p.address
	case "peer-as":
		field = &p.as
	case "local-as":
		field = &p.localAS
	case "peer-group":
		field = &p.group
	case "peer-cfg-rti":
		field = &p.instance
	case "peer-fwd-rti":
		field = &p.forwarding
	case "peer-state":
		field = &p.state
	case "peer-flags":
		field = &p.flags
	case "last-error":
		field = &p.lastError
	case "peer-id":
		field = &p.id
	case "local-id":
		field = &p.localID
	case "nlri-type-session":
		field = &p.sessionNLRI
	default:
		return nil
	}
	return set(field, e, e.value())
}

// addNested takes an element inside an element of the neighbor.
func (p *peer) addNested(inside []byte, e *event) error {
	switch {
	case string(inside) == "bgp-option-information" && string(e.name) == "bgp-options-extended":
		return set(&p.optionsExtended, e, e.value())
	case string(inside) == "bgp-rib" && string(e.name) == "name":
		return set(&p.ribs[len(p.ribs)-1].name, e, e.value())
	case string(inside) == "bgp-rib" && string(e.name) == "received-prefix-count":
		return set(&p.ribs[len(p.ribs)-1].received, e, e.value())
	}
	return nil
}

// set refuses a second value: where lines are missing between two neighbors, one would overwrite the other.
func set(field *string, e *event, value string) error {
	if *field != "" {
		return fmt.Errorf("element %s comes twice", bgptext.Printable(string(e.name), 64))
	}
	*field = value
	return nil
}

// parseAddress reads "192.0.2.1" and "192.0.2.1+50877", with the port of the session.
func (p *peer) parseAddress() (netip.Addr, string, error) {
	address, _, _ := strings.Cut(p.address, "+")
	return bgptext.Peer(address)
}

// family returns false for a table of other than unicast routes to addresses, such as bgp.l3vpn.0.
func (r rib) family() (routerclient.Family, bool) {
	_, table, inInstance := cutLast(r.name, ".inet")
	if !inInstance {
		table, inInstance = strings.CutPrefix(r.name, "inet")
	}
	received, err := strconv.ParseUint(r.received, 10, 64)
	if !inInstance || err != nil {
		return routerclient.Family{}, false
	}
	switch table {
	case ".0":
		return routerclient.Family{AFI: routerclient.IPv4, Received: received}, true
	case "6.0":
		return routerclient.Family{AFI: routerclient.IPv6, Received: received}, true
	}
	return routerclient.Family{}, false
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
