package nxos

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

func needsReason(s *routerclient.Session) bool {
	return s.State != routerclient.Established && !s.AdminDown
}

// needsRouterID is true for a link-local neighbor that is up: by its address no node is known.
func needsRouterID(s *routerclient.Session) bool {
	return s.State == routerclient.Established && s.Interface != "" && !s.PeerRouterID.IsValid()
}

// addDetails reads the answer to showNeighbors, as far as it goes:
//
//	BGP neighbor is 192.0.2.11, remote AS 64513, ebgp link, Peer index 3
//	  Peer is an instance of prefix peering 192.0.2.0/24
//	  BGP version 4, remote router ID 192.0.2.11
//	  BGP state = Established, up for 02:19:37
//	  Last reset by us 02:19:57, due to session closed
//	  Last reset by peer never, due to No error
//	  Address family IPv4 Unicast: advertised received
func (t *table) addDetails(vrf string, out routerclient.Output) {
	var d detail
	for line := range bytes.Lines(bgptext.Clean(out.Stdout)) {
		line = bytes.TrimSpace(line)
		if header, found := bytes.CutPrefix(line, []byte("BGP neighbor is ")); found {
			d.addTo(t)
			d = detail{session: t.find(vrf, string(header))}
			continue
		}
		d.read(line)
	}
	d.addTo(t)
}

// find returns nil for a neighbor that is not in the table.
func (t *table) find(vrf, header string) *routerclient.Session {
	id, _, _ := strings.Cut(header, ",")
	peer, iface, err := bgptext.Peer(id)
	if err != nil {
		return nil
	}
	n, known := t.index.Find(bgptext.Key{VRF: vrf, Peer: peer.WithZone(iface)})
	if !known {
		return nil
	}
	return &t.sessions[n]
}

// detail is what the long form says of one neighbor.
type detail struct {
	session  *routerclient.Session
	states   []routerclient.State
	routerID netip.Addr
	dynamic  bool
	reasons  []string
	// shown are the unicast families of which it is said who announced them, and agreed those that both sides did.
	shown, agreed []routerclient.AFI
	// received is true if the neighbor announced any family.
	received bool
}

func (d *detail) read(line []byte) {
	if reason, isReset := lastReset(line); isReset {
		d.reasons = append(d.reasons, reason)
		return
	}
	switch subject, rest, _ := bytes.Cut(line, []byte(" ")); string(subject) {
	case "Peer":
		d.dynamic = bytes.HasPrefix(rest, []byte("is an instance of prefix peering "))
	case "BGP":
		d.readBGP(string(rest))
	case "Address":
		if name, how, found := strings.Cut(strings.TrimPrefix(string(rest), "family "), ":"); found {
			d.readFamily(name, strings.Fields(how))
		}
	}
}

// readBGP reads what follows the word BGP.
func (d *detail) readBGP(rest string) {
	if word, found := strings.CutPrefix(rest, "state = "); found {
		word, _, _ = strings.Cut(word, ",")
		state, _ := parseState(word)
		d.states = append(d.states, state)
	} else if _, id, found := strings.Cut(rest, "remote router ID "); found {
		d.routerID = parseRouterID(id)
	}
}

func (d *detail) readFamily(name string, how []string) {
	received := slices.Contains(how, "received")
	d.received = d.received || received
	afi, isUnicast := unicast[name]
	if !isUnicast {
		return
	}
	d.shown = append(d.shown, afi)
	if received && slices.Contains(how, "advertised") {
		d.agreed = append(d.agreed, afi)
	}
}

// lastReset reads why a session ended. NX-OS says it twice, of the last time that it was the router's doing and of the
// last time that it was the neighbor's.
func lastReset(line []byte) (reason string, isReset bool) {
	reason, isReset = bgptext.LastReset(line)
	if !isReset || reason == "" {
		return "", isReset
	}
	by := bytes.TrimPrefix(line, []byte("Last reset "))
	switch {
	case bytes.HasPrefix(by, []byte("by us ")):
		reason += " (by the router)"
	case bytes.HasPrefix(by, []byte("by peer ")):
		reason += " (by the neighbor)"
	}
	return reason, true
}

// addTo adds the detail to its session. Two states, or none, are of two neighbors that damage made one.
func (d *detail) addTo(t *table) {
	s := d.session
	if s == nil || len(d.states) != 1 {
		return
	}
	s.PeerRouterID, s.Dynamic = d.routerID, d.dynamic
	if d.states[0] != routerclient.Established {
		if needsReason(s) {
			d.addReasons()
		}
		return
	}
	if s.State != routerclient.Established || s.FamiliesNegotiated {
		return
	}
	is := remembered{routerID: d.routerID, dynamic: d.dynamic}
	if d.showsAll(s.Families) {
		is.listed, is.agreed = afis(s.Families), d.common()
		settle(s, is.agreed)
	}
	t.remembered[keyOf(s)] = is
}

func (d *detail) addReasons() {
	words := slices.DeleteFunc(append([]string{d.session.Detail}, d.reasons...), func(s string) bool { return s == "" })
	d.session.Detail = bgptext.Printable(strings.Join(words, "; "), maxDetail)
}

// showsAll is true if the families that the summary lists are all there: one whose line was lost is not one that was
// not agreed on.
func (d *detail) showsAll(listed []routerclient.Family) bool {
	return len(listed) > 0 && !slices.ContainsFunc(listed, func(f routerclient.Family) bool { return !slices.Contains(d.shown, f.AFI) })
}

// common are the families that the session carries. A neighbor that announces none at all, as one without the extension
// does, exchanges IPv4 (RFC 4760 section 8).
func (d *detail) common() []routerclient.AFI {
	if !d.received {
		return []routerclient.AFI{routerclient.IPv4}
	}
	return d.agreed
}
